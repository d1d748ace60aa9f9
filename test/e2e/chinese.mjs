// VS Code in Chinese with the installed vsix: commands by their Chinese and by their English titles, the view, the
// panel. A language pack without a text of its own stands in for Microsoft's: it makes zh-cn the display language.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walkVsix } from './run-steps.mjs';

async function findsACommandByItsEnglishTitle(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await vscode.command('挖掘示例', 'Mine the Sample');
}

async function speaksInThePanel(vscode) {
  const panel = await vscode.panel(120_000);
  const text = (id) => panel.locator(`[data-testid="${id}"]`).first().textContent();
  await vscode.until('the run is done', async () => /最难图像 \d+\/42/.test(await text('image-position')), 180_000);
  assert.match(await text('footer'), /离线代理：冻结的检查点/);
  assert.match(await panel.locator('.footer-keys').textContent(), /按键$/);
  await vscode.screenshot('panel');
}

async function speaksInTheView(vscode) {
  await vscode.command('图像排序方式…');
  const orders = await vscode.picks();
  await vscode.screenshot('orders');
  assert.ok(
    orders.some((order) => order.includes('按入选损失之和')),
    orders.join(),
  );
  await vscode.page.keyboard.press('Escape');
}

const STEPS = [findsACommandByItsEnglishTitle, speaksInThePanel, speaksInTheView];

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = join(root, 'out', 'e2e-chinese');
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-e2e-'));
const workspace = join(folder, 'workspace');
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });
await addLanguage(join(folder, 'server', 'data'));
await walkVsix('e2e in Chinese', STEPS, { folder, workspace, shots, locale: 'zh-cn' });

/** What the installation of a language pack leaves in VS Code's data folder. */
async function addLanguage(data) {
  await mkdir(data, { recursive: true });
  const translations = join(data, 'main.i18n.json');
  await writeFile(translations, JSON.stringify({ version: '1.0.0', contents: {} }));
  const extension = { extensionIdentifier: { id: 'tests.language-pack' }, version: '1.0.0' };
  const language = { hash: 'tests', label: '中文', extensions: [extension], translations: { vscode: translations } };
  await writeFile(join(data, 'languagepacks.json'), JSON.stringify({ 'zh-cn': language }));
}
