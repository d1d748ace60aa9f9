// Doors: the palette by "ohem", menus of the explorer, and what a refusal leads to, on the installed vsix in a real
// VS Code. Screenshots land in out/e2e-doors.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadTypeScript } from '../load-ts.mjs';
import { walkVsix } from './run-steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = join(root, 'media', 'sample');
const NUM_IMAGES = 6;
const shots = join(root, 'out', 'e2e-doors');
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-doors-'));
const workspace = join(folder, 'workspace');
await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });
await writeWorkspace();

/** A run that was cut off, one that can train and one that cannot, shards, and checkpoints that are refused. */
async function writeWorkspace() {
  const at = (name) => join(workspace, name);
  await mkdir(at('cluster'), { recursive: true });
  const { images, annotations, ...coco } = JSON.parse(await readFile(join(sample, 'instances.json'), 'utf8'));
  const few = images.slice(0, NUM_IMAGES);
  for (const { file_name: name } of few) await cp(join(sample, name), at(name));
  const ofFew = annotations.filter(({ image_id: id }) => few.some((image) => image.id === id));
  await writeFile(at('instances.json'), JSON.stringify({ ...coco, images: few, annotations: ofFew }));
  const mine = (out, ...others) => {
    const inputs = ['--checkpoint', join(sample, 'checkpoint'), '--data', at('instances.json')];
    // What goes on where a run was cut off is the backend that began it: one that runs everywhere.
    const backend = ['--backend', 'tfjs-wasm'];
    return cli('mine', ...inputs, '--images', workspace, '--out', at(out), ...backend, ...others);
  };
  await mine('whole.ohem');
  await Promise.all([0, 1].map((index) => mine(`cluster/shard-${index}.ohem`, '--shard', `${index}/2`)));
  const bytes = await readFile(at('whole.ohem'));
  await writeFile(at('cut.ohem'), bytes.subarray(0, Math.floor(bytes.length * 0.6)));

  const header = { ohem_dump: 1, task: 'detection', classes: ['nut'], background: 0 };
  const line = { image: few[0].file_name, rois: [[0, 0, 20, 30]], label: [1], loss_cls: [2] };
  await writeFile(join(folder, 'dump.jsonl'), [header, line].map((each) => JSON.stringify(each)).join('\n'));
  await cli('import', join(folder, 'dump.jsonl'), '--out', at('imported.ohem'));

  await writeFile(at('best.pt'), 'weights');
  await writeFile(at('torn.onnx'), 'no network');
  const { node, onnxModel, valueInfo } = await loadTypeScript('test/contract/tiny-models.ts');
  const [x, y] = ['x', 'y'].map((name) => valueInfo(name, [1, 3, 32, 32]));
  await writeFile(at('other.onnx'), onnxModel({ nodes: [node('Add', ['x', 'x'], ['y'])], inputs: [x], outputs: [y] }));
}

function cli(...args) {
  return promisify(execFile)(process.execPath, [join(root, 'dist', 'cli.mjs'), ...args]);
}

const text = (panel, id) => panel.locator(`[data-testid="${id}"]`).first().textContent();

/** Opens the explorer's menu on a file or folder. @returns its entries. */
async function menuOf(vscode, name) {
  await vscode.page.keyboard.press('Escape');
  const row = vscode.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await row.click({ button: 'right' });
  const entries = vscode.page.locator('.monaco-menu .action-label');
  await vscode.until(`the menu of ${name}`, async () => (await entries.count()) > 3);
  return (await entries.allInnerTexts()).map((each) => each.trim());
}

/** Takes an entry of the explorer's menu, once it is offered, without the editors and messages of the step before. */
async function takes(vscode, name, entry) {
  await vscode.command('View: Close All Editors');
  await vscode.command('Notifications: Clear All Notifications');
  await vscode.until(`${entry} of ${name}`, async () => (await menuOf(vscode, name)).includes(entry));
  await vscode.screenshot(`menu-of-${name}`);
  await vscode.page.locator('.monaco-menu .action-label', { hasText: entry }).first().click();
}

/** The page of the documentation on checkpoints, as it reads. */
async function showsPage(vscode) {
  const headings = () =>
    Promise.all(
      vscode.page.frames().map((frame) =>
        frame
          .locator('h1')
          .first()
          .textContent({ timeout: 200 })
          .catch(() => ''),
      ),
    );
  await vscode.until('the page', async () => (await headings()).includes('Checkpoints'));
}

async function isFoundByOhemAndByItsTitle(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  const title = 'OHEM Lens: Mine Hard Examples';
  for (const typed of [title, 'Mine Hard Examples', 'ohem']) {
    await vscode.until(`${title} by "${typed}"`, async () => {
      const found = await vscode.commands(typed);
      await vscode.page.keyboard.press('Escape');
      return found.includes(title);
    });
  }
}

/** The panel of a run of all images. */
async function showsWholeRun(vscode) {
  const panel = await vscode.panel(120_000);
  const position = `hardest image 1 of ${NUM_IMAGES}`;
  await vscode.until(position, async () => (await text(panel, 'image-position')) === position, 90_000);
  return panel;
}

async function resumesARunThatWasCutOff(vscode) {
  await takes(vscode, 'cut.ohem', 'Resume Run');
  await showsWholeRun(vscode);
  await vscode.screenshot('resumed');
  await vscode.until('whole', async () => !(await menuOf(vscode, 'cut.ohem')).includes('Resume Run'));
}

async function offersTrainingWhereItCan(vscode) {
  await vscode.command('Open Run');
  await vscode.choose('imported.ohem');
  await vscode.panel();
  const train = 'Train With Hard Examples…';
  await vscode.until('no training', async () => !(await menuOf(vscode, 'imported.ohem')).includes(train));
  await vscode.screenshot('menu-of-imported');
  await takes(vscode, 'whole.ohem', train);
  const question = vscode.page.locator('.quick-input-title');
  await vscode.until('a question', async () => /\(1\/5–6\)/.test(await question.textContent()), 60_000);
  await vscode.screenshot('train');
  await vscode.page.keyboard.press('Escape');
}

async function opensShardsOfAFolder(vscode) {
  await takes(vscode, 'cluster', 'Open Sharded Run…');
  await showsWholeRun(vscode);
  const merged = vscode.page.locator('.notification-list-item', { hasText: `merged ${NUM_IMAGES} images` });
  await merged.first().waitFor({ timeout: 60_000 });
  await vscode.screenshot('merged');
}

/** From the palette, what is merged by now. */
async function opensAMergedRunAgain(vscode) {
  await vscode.command('View: Close All Editors');
  await vscode.command('Notifications: Clear All Notifications');
  await vscode.command('Open Sharded Run');
  await vscode.choose('cluster');
  await showsWholeRun(vscode);
  const merged = vscode.page.locator('.notification-list-item', { hasText: `merged ${NUM_IMAGES} images` });
  await merged.first().waitFor({ timeout: 60_000 });
}

async function refusesWeights(vscode) {
  await takes(vscode, 'best.pt', 'Mine Hard Examples');
  await vscode.notified('Export To ONNX (How)');
  await showsPage(vscode);
  await vscode.screenshot('how');
}

async function refusesATornCheckpoint(vscode) {
  await takes(vscode, 'torn.onnx', 'Mine Hard Examples');
  await vscode.choose('instances.json');
  await vscode.notified('Open Documentation');
  await showsPage(vscode);
}

/** Outputs of no family: nothing can be tried there either, and the page says what a contract can. */
async function leadsOnFromUnknownOutputs(vscode) {
  await takes(vscode, 'other.onnx', 'Mine Hard Examples');
  await vscode.choose('instances.json');
  await vscode.notified('Describe Checkpoint…');
  await vscode.notified('Open Documentation');
  await showsPage(vscode);
}

const STEPS = [
  isFoundByOhemAndByItsTitle,
  resumesARunThatWasCutOff,
  offersTrainingWhereItCan,
  opensShardsOfAFolder,
  opensAMergedRunAgain,
  refusesWeights,
  refusesATornCheckpoint,
  leadsOnFromUnknownOutputs,
];

await walkVsix('e2e of doors', STEPS, { folder, workspace, shots, script: 'panel.js' });
