// Two checkpoints compared, and a training's dump watched, on the installed vsix in a real VS Code, each room in four
// themes. Screenshots land in out/e2e-checkpoints.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFourThemes } from './rooms.mjs';
import { walkVsix } from './run-steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = join(root, '..', 'shared');
const shots = join(root, 'out', 'e2e-checkpoints');
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-checkpoints-'));
const workspace = join(folder, 'workspace');
const photographs = join(shared, 'data', 'coco-cc-train');
const given = ['yolox-nano-onnx', 'nanodet-m-416-tfjs'];
const NUM_IMAGES = 12;
/** Lines that the training has yet to write. */
let rest = [];
const dump = join(workspace, 'losses', 'growing.jsonl');

const isThere = [photographs, ...given.map((name) => join(shared, 'checkpoints', name))].every(existsSync);
if (isThere) await lay();

/** Some photographs, two checkpoints, and what a training has written so far. */
async function lay() {
  await rm(shots, { recursive: true, force: true });
  await mkdir(shots, { recursive: true });
  for (const name of given) await cp(join(shared, 'checkpoints', name), join(workspace, name), { recursive: true });
  const all = JSON.parse(await readFile(join(photographs, 'instances.json'), 'utf8'));
  const images = all.images.slice(0, NUM_IMAGES);
  const annotations = all.annotations.filter(({ image_id }) => images.some(({ id }) => id === image_id));
  await cp(join(photographs, 'images'), join(workspace, 'photographs', 'images'), { recursive: true });
  await writeFile(join(workspace, 'photographs', 'instances.json'), JSON.stringify({ ...all, images, annotations }));
  await mkdir(join(workspace, 'losses'));
  const lines = stepsOf({ ...all, images, annotations });
  await writeFile(dump, lines.slice(0, 4).join(''));
  rest = lines.slice(4);
}

/** A line of JSON an image: its objects with a loss that falls with their size, and background beside each. */
function stepsOf({ images, annotations, categories }) {
  const header = { ohem_dump: 1, task: 'detection', classes: categories.map(({ name }) => name) };
  const steps = images.map(({ id, file_name: image, width, height }) => {
    const objects = annotations.filter(({ image_id, iscrowd }) => image_id === id && iscrowd === 0);
    const boxes = objects.map(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h]);
    const loss = objects.map(({ area }) => 4 / (1 + area / 2000));
    return {
      ...{ image, width, height },
      rois: [...boxes, ...boxes.map(([x1, y1, x2, y2]) => [x1 / 2, y1 / 2, x2 / 2, y2 / 2])],
      label: [
        ...objects.map(({ category_id }) => 1 + categories.findIndex(({ id }) => id === category_id)),
        ...boxes.map(() => 0),
      ],
      loss_cls: [...loss, ...loss.map((each) => each / 8)],
    };
  });
  return [{ ...header, background: 0 }, ...steps].map((line) => `${JSON.stringify(line)}\n`);
}

const text = (frame, id) => frame.locator(`[data-testid="${id}"]`).first().textContent();
const number = async (frame, id, name) =>
  Number(await frame.locator(`[data-testid="${id}"]`).first().getAttribute(name));
const runs = () => readdir(join(workspace, 'ohem-runs')).then((all) => all.filter((name) => name.endsWith('.ohem')));

async function minesWithTwoCheckpoints(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 120_000 });
  for (const [i, checkpoint] of given.entries()) {
    await vscode.command('Mine Hard Examples');
    await vscode.choose(checkpoint);
    await vscode.choose('photographs');
    await vscode.until(`run ${i + 1}`, async () => (await runs()).length === i + 1, 60_000);
    await vscode.page.locator('.tab.active', { hasText: /^photographs/ }).waitFor();
    const panel = await vscode.panel(60_000);
    const ofAll = async () => (await text(panel, 'image-position')).includes(`of ${NUM_IMAGES}`);
    await vscode.until('all images', ofAll, 180_000);
    await panel.getByTestId('progress').waitFor({ state: 'detached', timeout: 60_000 });
    await vscode.command('View: Close All Editors');
  }
  assert.equal((await runs()).length, 2);
}

/** Another program puts a run into a folder that is new. */
async function noticesARunThatIsCopiedIn(vscode) {
  await vscode.page.locator('.activitybar .action-label[aria-label*="OHEM Lens"]').first().click();
  const [first] = await runs();
  await mkdir(join(workspace, 'from-the-cluster'));
  await cp(join(workspace, 'ohem-runs', first), join(workspace, 'from-the-cluster', 'copied.ohem'));
  const row = vscode.page.locator('.pane .monaco-list-row', { hasText: 'copied' });
  await vscode.until('the run in the tree', async () => (await row.count()) > 0);
}

async function comparesThem(vscode) {
  await vscode.command('Compare Checkpoints');
  const rows = await vscode.picks();
  for (const name of ['copied', 'nanodet', 'yolox'])
    assert.ok(
      rows.some((row) => row.includes(name)),
      `${name} in ${rows.join(' | ')}`,
    );
  // Runs of the same photographs are ticked.
  await vscode.acceptFirst();
  await vscode.choose('Editor');
  const frame = await vscode.panel(60_000, 'checkpoints');
  await vscode.until('examples', async () => (await number(frame, 'examples', 'data-count')) > 20);
  await frame.getByTestId('example').first().click();
  for (const pane of ['pane-a', 'pane-b'])
    await frame.locator(`[data-testid="${pane}"][data-loaded="true"]`).waitFor({ timeout: 30_000 });
  assert.match(await text(frame, 'facts-b'), /^B · /);
  await inFourThemes(vscode, frame, '1-compare-checkpoints');
}

async function watchesADump(vscode) {
  await vscode.command('View: Close All Editors');
  await vscode.command('Watch RoI Dump');
  await vscode.choose('growing');
  // No images are near: the steps are shown without being asked for a folder.
  const panel = await vscode.panel();
  await vscode.until('the third image', async () => (await text(panel, 'image-position')).includes('of 3'));
  await panel.getByTestId('locate-images').waitFor();
  await vscode.until('RoIs', async () => (await number(panel, 'canvas', 'data-num-drawn')) > 0);
  await inFourThemes(vscode, panel, '2-watched-without-images');
  await appendFile(dump, rest.slice(0, 3).join(''));
  await vscode.until('the newest', async () => (await text(panel, 'image-position')).includes('of 6'));
  await vscode.until('how many', async () => (await text(panel, 'progress')).includes('6 images'));
}

async function locatesItsImages(vscode) {
  const panel = await vscode.panel();
  await panel.getByTestId('locate-images').click();
  await vscode.browseTo(join(workspace, 'photographs', 'images'));
  await panel.getByTestId('locate-images').waitFor({ state: 'detached' });
  await appendFile(dump, rest.slice(3).join(''));
  await vscode.until('the newest', async () => (await text(panel, 'image-position')).includes(`of ${NUM_IMAGES}`));
  await vscode.until('its pixels', () =>
    panel.evaluate(() => document.querySelector('[data-testid="stage-message"]') === null),
  );
  await inFourThemes(vscode, panel, '3-watched');
  await panel.getByTestId('stop-run').click();
  await panel.getByTestId('progress').waitFor({ state: 'detached', timeout: 30_000 });
}

const STEPS = [minesWithTwoCheckpoints, noticesARunThatIsCopiedIn, comparesThem, watchesADump, locatesItsImages];

if (isThere) await walkVsix('e2e of checkpoints', STEPS, { folder, workspace, shots, script: 'checkpoints.js' });
else console.log('e2e of checkpoints: 0 passed, 0 failed (skipped: ../shared is not there)');
