// What the editor asks, on the installed vsix in a real VS Code: five folder layouts found and mined, corners, split,
// columns, predictions in place of a checkpoint, another measure, and a checkpoint described. Screenshots land in
// out/e2e-questions.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDataSets } from './data-sets.mjs';
import { walkVsix } from './run-steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = join(root, '..', 'shared');
const shots = join(root, 'out', 'e2e-questions');
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-questions-'));
const workspace = join(folder, 'workspace');
await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });
const { numImages, numValid } = await writeDataSets(join(root, 'media', 'sample'), workspace);

const text = (panel, id) => panel.locator(`[data-testid="${id}"]`).first().textContent();

/** Without the editors and messages of the step before. */
async function startsAnew(vscode) {
  await vscode.command('View: Close All Editors');
  await vscode.command('Notifications: Clear All Notifications');
}

/** Opens the data question of "Mine Hard Examples". @param checkpoint a text of its line. */
async function asksForData(vscode, checkpoint = 'Sample detector') {
  await startsAnew(vscode);
  await vscode.command('Mine Hard Examples');
  await vscode.choose(checkpoint);
}

/** The panel of a run that has ended, at its hardest image. @returns what it says. */
async function minedRun(vscode, count) {
  const said = vscode.page.locator('.notification-list-item', { hasText: `Mined ${count} images.` });
  await said.first().waitFor({ timeout: 120_000 });
  const panel = await vscode.panel();
  await vscode.until(
    `the hardest of ${count} images`,
    async () => (await text(panel, 'image-position')) === `hardest image 1 of ${count}`,
  );
  const image = (await text(panel, 'image-name')).split('/').at(-1);
  return { panel, image, footer: await text(panel, 'footer') };
}

const LAYOUTS = {
  'coco/val/annotations/instances_val.json': 'COCO: annotations beside images',
  'данные 猫/часть é/_annotations.coco.json': 'COCO beside its images, Unicode',
  'work/2026/run 7': 'YOLO, nested, a space, any case',
  'new set (final)': 'Pascal VOC, parentheses',
  'parts/data.yaml': 'YOLO with splits',
};

async function findsFiveLayouts(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await asksForData(vscode);
  await vscode.until('all are listed', async () => {
    const listed = (await vscode.picks()).join('\n');
    return Object.keys(LAYOUTS).every((path) => listed.includes(path.replace('/data.yaml', '')));
  });
  await vscode.screenshot('01-five-layouts');
  await vscode.page.keyboard.press('Escape');
}

/** Of the same pictures: the hardest is the same in each. */
let hardest;

async function minesCocoBesideImages(vscode) {
  await asksForData(vscode);
  await vscode.choose('instances_val.json');
  ({ image: hardest } = await minedRun(vscode, numImages));
}

async function minesUnicodeFolders(vscode) {
  await asksForData(vscode);
  await vscode.choose('_annotations.coco.json');
  assert.equal((await minedRun(vscode, numImages)).image, hardest);
}

async function minesNestedYolo(vscode) {
  await asksForData(vscode);
  await vscode.choose('run 7');
  const { image } = await minedRun(vscode, numImages);
  assert.equal(image, hardest);
}

async function asksWhatCornersCountFrom(vscode) {
  await asksForData(vscode);
  await vscode.choose('new set (final)');
  const questions = vscode.page.locator('.quick-input-title');
  await vscode.until('the corners', async () => /Corners/.test(await questions.textContent()));
  const [usual] = await vscode.picks();
  assert.match(usual, /From 1/);
  await vscode.screenshot('02-corners');
  await vscode.acceptFirst();
  const { image, footer } = await minedRun(vscode, numImages);
  assert.equal(image, hardest);
  assert.match(footer, /corners count from 1: as told/);
}

async function asksForTheSplit(vscode) {
  await asksForData(vscode);
  await vscode.choose('parts');
  const questions = vscode.page.locator('.quick-input-title');
  await vscode.until('the split', async () => /Split/.test(await questions.textContent()));
  assert.deepEqual(
    (await vscode.picks()).map((each) => each.trim()),
    ['train', 'val'],
  );
  await vscode.screenshot('03-split');
  await vscode.choose('val');
  await minedRun(vscode, numValid);
}

async function namesColumns(vscode) {
  await asksForData(vscode);
  // Nobody takes it for a table of boxes: it is opened by its path.
  await vscode.choose('Browse');
  await vscode.browseTo(join(workspace, 'table', 'measured.csv'));
  await vscode.notified('Name Columns…');
  for (const [i, header] of ['photo_of', 'part', 'von_x', 'von_y', 'bis_x', 'bis_y'].entries()) {
    if (i === 0) await vscode.screenshot('04-columns');
    await vscode.choose(header);
  }
  const { image } = await minedRun(vscode, numImages);
  assert.equal(image, hardest);
}

async function minesPredictions(vscode) {
  await asksForData(vscode, 'results.json');
  await vscode.screenshot('05-data-for-predictions');
  await vscode.choose('instances_val.json');
  const { footer } = await minedRun(vscode, numImages);
  assert.match(footer, /results.json.*detections only: candidates that NMS or a threshold took away/);
  await vscode.screenshot('06-predictions');
}

async function measuresAgain(vscode) {
  await asksForData(vscode);
  await vscode.choose('instances_val.json');
  const { panel, footer } = await minedRun(vscode, numImages);
  await panel.getByTestId('measure').click();
  await panel.getByTestId('measure-cost').waitFor();
  await panel.getByLabel('Box loss', { exact: true }).selectOption('giou');
  const recipe = await text(panel, 'measure-recipe');
  assert.match(recipe, /cross-entropy \+ giou/);
  await panel.getByTestId('measure-again').scrollIntoViewIfNeeded();
  await vscode.screenshot('07-measure');
  await panel.getByTestId('measure-again').click();
  await vscode.page.locator('.monaco-dialog-box').waitFor();
  await vscode.screenshot('08-measure-again');
  await vscode.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Into a New Run' }).click();
  await vscode.until('two runs', async () => (await vscode.page.locator('.tab', { hasText: '.ohem' }).count()) === 2);
  const said = await vscode.until(
    'the new recipe',
    async () => {
      const footers = await vscode.footers();
      return footers.find((each) => each.includes(recipe));
    },
    60_000,
  );
  assert.notEqual(said, footer);
  await vscode.screenshot('09-measured');
}

async function describesACheckpoint(vscode) {
  await cp(join(shared, 'checkpoints', 'yolox-nano-onnx', 'yolox_nano.onnx'), join(workspace, 'mine', 'nano.onnx'));
  await cp(join(shared, 'data', 'coco-cc-train'), join(workspace, 'photographs'), { recursive: true });
  await startsAnew(vscode);
  await vscode.command('Describe Checkpoint');
  await vscode.choose('nano.onnx');
  await vscode.choose('photographs');
  const wizard = await vscode.panel(120_000, 'reading');
  await wizard.locator('[data-testid="picture"][data-loaded="true"]').waitFor();
  assert.equal(await text(wizard, 'reading'), 'as it is');
  await vscode.screenshot('10-best-guess');
  await wizard.getByTestId('repair-resize').selectOption({ label: 'letterbox-centre' });
  await vscode.until('measured', async () => /resize/.test(await text(wizard, 'reading')), 60_000);
  await vscode.screenshot('11-repaired');
  await wizard.getByTestId('save').click();
  const contract = join(workspace, 'mine', 'nano.ohem.json');
  await vscode.until('the contract', () => existsSync(contract));
  const { family, preprocess } = JSON.parse(await readFile(contract, 'utf8'));
  assert.deepEqual([family, preprocess.resize], ['yolox', 'letterbox-centre']);
  await vscode.notified('Mine Hard Examples');
  await minedRun(vscode, 66);
  await vscode.screenshot('12-described-and-mined');
}
describesACheckpoint.skips = () =>
  existsSync(join(shared, 'checkpoints', 'yolox-nano-onnx')) ? '' : '../shared is not there';

const STEPS = [
  findsFiveLayouts,
  minesCocoBesideImages,
  minesUnicodeFolders,
  minesNestedYolo,
  asksWhatCornersCountFrom,
  asksForTheSplit,
  namesColumns,
  minesPredictions,
  measuresAgain,
  describesACheckpoint,
];

await walkVsix('e2e of questions', STEPS, { folder, workspace, shots, script: 'panel.js' });
