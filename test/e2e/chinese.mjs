// VS Code in Chinese with the installed vsix: commands by their Chinese and by their English titles, the view, the
// panel. A language pack without a text of its own stands in for Microsoft's: it makes zh-cn the display language.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
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

/** The sentence of a message, once it is there. */
async function told(vscode, words) {
  const message = vscode.page.locator('.notification-list-item', { hasText: words }).last();
  await message.waitFor({ timeout: 120_000 });
  return message.locator('.notification-list-item-message').innerText();
}

/** Weights alone are refused in the first step; the button leads to how they are exported. */
async function refusesWeightsInChinese(vscode) {
  // The one title that is the same in all languages (docs/adr/0020).
  await vscode.command('Mine Hard Examples');
  await vscode.choose('浏览…');
  await vscode.browseTo(join(workspace, WEIGHTS));
  const sentence = await told(vscode, '只含权重');
  assert.doesNotMatch(sentence.replace(WEIGHTS, ''), ENGLISH);
  await vscode.screenshot('weights');
  await vscode.notified('导出为 ONNX（方法）');
  await vscode.page.locator('.tab', { hasText: 'checkpoints.md' }).first().waitFor({ timeout: 30_000 });
  await vscode.screenshot('how');
}

/** What the engine refuses is said in Chinese, too; the button asks which class is which. */
async function refusesOtherClassesInChinese(vscode) {
  await vscode.command('Mine Hard Examples');
  await vscode.choose('示例检测器');
  await vscode.choose(OTHER_CLASSES);
  const sentence = await told(vscode, '数据集');
  assert.doesNotMatch(sentence, ENGLISH);
  await vscode.screenshot('classes');
  await vscode.notified('映射类别…');
  const title = vscode.page.locator('.quick-input-title');
  await vscode.until('the first class', async () => /映射类别 \(1\/6\)/.test(await title.textContent()));
  await vscode.screenshot('map');
  await vscode.page.keyboard.press('Escape');
}

const STEPS = [
  findsACommandByItsEnglishTitle,
  speaksInThePanel,
  speaksInTheView,
  refusesWeightsInChinese,
  refusesOtherClassesInChinese,
];

const WEIGHTS = 'best.pt';
const OTHER_CLASSES = 'instances_other.json';
/** Two English words of a sentence. */
const ENGLISH = /\b[a-z]{3,} [a-z]{3,}\b/;

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = join(root, 'out', 'e2e-chinese');
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-e2e-'));
const workspace = join(folder, 'workspace');
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });
await writeFile(join(workspace, WEIGHTS), 'weights');
const annotations = JSON.parse(await readFile(join(workspace, 'instances.json'), 'utf8'));
for (const category of annotations.categories) category.name += '2';
await writeFile(join(workspace, OTHER_CLASSES), JSON.stringify(annotations));
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
