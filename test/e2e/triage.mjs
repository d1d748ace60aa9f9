// A run from its hard examples to what a person decides of them, on the installed vsix in a real VS Code: photographs
// and a checkpoint that the extension has not seen, ten verdicts, an exported list with reasons; then each room in
// four themes. Screenshots land in out/e2e-triage; the last line of the try counts clicks, keys and seconds.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFourThemes } from './rooms.mjs';
import { walkVsix } from './run-steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = join(root, '..', 'shared');
const shots = join(root, 'out', 'e2e-triage');
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-triage-'));
const workspace = join(folder, 'workspace');
const [given, photographs] = [join(shared, 'checkpoints', 'yolox-nano-onnx'), join(shared, 'data', 'coco-cc-train')];
const NUM_IMAGES = 66;
/** What the class branch of stride 8 reads in this export. */
const FEATURES = '1044';

const isThere = existsSync(given) && existsSync(photographs);
if (isThere) await lay();

/** The photographs, and the checkpoint with its contract. */
async function lay() {
  await rm(shots, { recursive: true, force: true });
  await mkdir(shots, { recursive: true });
  await cp(photographs, join(workspace, 'photographs'), { recursive: true });
  const classes = (await readFile(join(given, 'classes.txt'), 'utf8')).trim().split('\n');
  await mkdir(join(workspace, 'nano'));
  await cp(join(given, 'yolox_nano.onnx'), join(workspace, 'nano', 'nano.onnx'));
  await writeFile(
    join(workspace, 'nano', 'nano.ohem.json'),
    JSON.stringify({ family: 'yolox', classes, features: FEATURES }),
  );
}

const text = (panel, id) => panel.locator(`[data-testid="${id}"]`).first().textContent();
const shown = async (panel) => Number(await panel.getByTestId('gallery-count').getAttribute('data-shown'));

/** What a person does in the try, but for what is typed in the palette: counted for the docs. */
const did = { clicks: 0, keys: 0, startedAt: 0 };
const click = (locator) => (did.clicks++, locator.click());
const press = (vscode, key) => (did.keys++, vscode.page.keyboard.press(key));

/** The decisions beside the run, as its authors wrote them. */
async function decided() {
  const runs = join(workspace, 'ohem-runs');
  const files = (await readdir(runs, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((name) => readFile(join(runs, name), 'utf8')));
  return texts.flatMap((each) => each.split('\n').filter(Boolean).map(JSON.parse));
}

async function minesWhatNobodyHasSeen(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await vscode.command('Mine Hard Examples');
  did.startedAt = Date.now();
  did.clicks += 2;
  await vscode.choose('nano');
  await vscode.choose('photographs');
  const said = vscode.page.locator('.notification-list-item', { hasText: `Mined ${NUM_IMAGES} images.` });
  await said.first().waitFor({ timeout: 120_000 });
  const panel = await vscode.panel();
  await vscode.until('the hardest', async () => /image 1 of 66/.test(await text(panel, 'image-position')));
  assert.match(await text(panel, 'roi-row'), /→.*\.\d/, 'a prediction has its score');
}

async function decidesTenTimes(vscode) {
  const panel = await vscode.panel();
  await click(panel.getByTestId('check-labels'));
  await panel.getByTestId('suspicion').first().waitFor();
  for (const [i, key] of [...'cbhmdeihcb'].entries()) {
    await press(vscode, key);
    await vscode.until(`${i + 1} verdicts`, async () => (await decided()).length === i + 1);
  }
}

async function exportsTheHardest(vscode) {
  // From the picture, all of the run is exported; from the labels to check, these.
  const panel = await vscode.panel(10_000, 'gallery-grid');
  await click(panel.getByTestId('gallery-close'));
  await vscode.command('Export Selected RoIs');
  did.clicks += 2;
  await vscode.choose('Images with reasons');
  await vscode.acceptFirst();
  const said = vscode.page.locator('.notification-list-item', { hasText: 'written to' });
  await said.first().waitFor({ timeout: 30_000 });
  const seconds = (Date.now() - did.startedAt) / 1000;
  const runs = join(workspace, 'ohem-runs');
  const [list] = (await readdir(runs)).filter((name) => name.endsWith('.csv'));
  const lines = (await readFile(join(runs, list), 'utf8')).trim().split('\n');
  assert.ok(lines.length > 50, `${lines.length} lines`);
  console.log(
    `       the try: ${did.clicks} clicks or choices, ${did.keys} keys, 2 commands, ${seconds.toFixed(0)} s ` +
      `(${lines.length - 1} images with reasons, 10 verdicts)`,
  );
}

async function undoesByTheEditorsKeys(vscode) {
  const panel = await vscode.panel();
  await panel.getByTestId('check-labels').click();
  await panel.getByTestId('suspicion').first().waitFor();
  await panel.getByTestId('gallery-grid').focus();
  await vscode.page.keyboard.press('Control+z');
  await vscode.until('nine', async () => (await decided()).length === 9);
  await vscode.page.keyboard.press('Control+Shift+z');
  await vscode.until('ten again', async () => (await decided()).length === 10);
  await vscode.page.keyboard.press('Home');
  await panel.getByTestId('decision-note').fill('a lorry, not a car');
  await panel.getByTestId('decision-note').blur();
  await vscode.until('the note', async () => (await decided()).some(({ note }) => note === 'a lorry, not a car'));
  await inFourThemes(vscode, panel, '1-check-the-label');
}

async function filtersByVerdictAndError(vscode) {
  const panel = await vscode.panel(10_000, 'gallery-grid');
  const all = await shown(panel);
  await panel.locator('[data-testid="facet-verdict"] [data-code="0"]').click();
  await vscode.until('fewer', async () => (await shown(panel)) < all);
  await panel.getByTestId('gallery-clear').click();
  await panel.getByTestId('gallery-kind').selectOption('detections');
  await panel.locator('[data-testid="gallery-grid"] [data-row]:has(image)').first().waitFor();
  await vscode.until('detections', async () => (await shown(panel)) > all);
  const detections = await shown(panel);
  await panel.locator('[data-testid="facet-error"] [data-code]').first().click();
  await vscode.until('errors of one kind', async () => (await shown(panel)) < detections);
  await inFourThemes(vscode, panel, '2-all-examples');
  await panel.getByTestId('gallery-clear').click();
}

async function showsTheTruth(vscode) {
  const panel = await vscode.panel(10_000, 'gallery-grid');
  await panel.getByTestId('gallery-kind').selectOption('objects');
  const cell = panel.locator('[data-testid="gallery-grid"] [data-row]:has(image)').first();
  const canvas = panel.locator('[data-testid="canvas"]').first();
  // Cells that another order replaces while the mouse is down take no click.
  await vscode.until('the picture', async () => {
    await cell.click({ timeout: 5000 }).catch(() => {});
    return canvas.waitFor({ timeout: 3000 }).then(() => true);
  });
  await vscode.page.locator('.activitybar .action-label[aria-label*="OHEM Lens"]').first().click();
  const badge = vscode.page.locator('.pane-body .monaco-list-row', { hasText: '✓' });
  await vscode.until('a badge in the tree', async () => (await badge.count()) > 0);
  await inFourThemes(vscode, panel, '4-picture-and-tree');
}

async function findsWhatLooksLikeIt(vscode) {
  const panel = await vscode.panel(10_000, 'gallery-grid');
  await panel.getByTestId('gallery-kind').selectOption('objects');
  await panel.locator('[data-testid="gallery-grid"] [data-row]:has(image)').first().waitFor();
  const notes = panel.getByTestId('similar-notes');
  await panel.getByTestId('gallery-grid').focus();
  await vscode.page.keyboard.press('s');
  await notes.waitFor({ timeout: 60_000 });
  assert.match(await notes.textContent(), /looked at (\d+) of \1 images/);
  await vscode.until('itself first', async () => (await text(panel, 'similarity')).includes('1.00'));
  await inFourThemes(vscode, panel, '3-similar');
  await panel.getByTestId('pill-similar').getByRole('button').click();
  await panel.getByTestId('gallery-sort').waitFor();
}

/** Every object is moved by a pixel: the run in sight is not of these annotations any more. */
async function revealsAndReminesWhatChanged(vscode) {
  const panel = await vscode.panel();
  await vscode.command('Reveal Annotation');
  await vscode.page.locator('.tab', { hasText: 'instances.json' }).first().waitFor();
  await inFourThemes(vscode, panel, '5-reveal');
  const file = join(workspace, 'photographs', 'instances.json');
  const data = JSON.parse(await readFile(file, 'utf8'));
  const moved = ({ bbox: [x, ...rest], ...each }) => ({ ...each, bbox: [x + 1, ...rest] });
  await writeFile(file, JSON.stringify({ ...data, annotations: data.annotations.map(moved) }));
  await panel.getByTestId('changed').waitFor();
  await inFourThemes(vscode, panel, '6-changed');
  await panel.getByTestId('remine-changed').click();
  await panel.getByTestId('changed').waitFor({ state: 'detached', timeout: 60_000 });
}

const STEPS = [
  minesWhatNobodyHasSeen,
  decidesTenTimes,
  exportsTheHardest,
  undoesByTheEditorsKeys,
  filtersByVerdictAndError,
  findsWhatLooksLikeIt,
  showsTheTruth,
  revealsAndReminesWhatChanged,
];

if (isThere) await walkVsix('e2e of triage', STEPS, { folder, workspace, shots, script: 'panel.js' });
else console.log('e2e of triage: 0 passed, 0 failed (skipped: ../shared is not there)');
