// Training in the editor, on the installed vsix in a real VS Code: mine the sample -> "Train With Hard Examples…" ->
// curves ->
// stop -> continue -> reload in the middle -> continue -> compare with before; screenshots of every theme land in
// out/e2e-train.
//   node test/e2e/train.mjs          OHEM_VSIX: a packed extension; OHEM_DATA or TFJS_NODE_PATH: TensorFlow's native
// binding,
// else the one that test/tfjs-node-suite.mjs has made is taken. Without any it is seen that the panel says so, and the
// rest is skipped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../package/pack.mjs';
import { assertAccessible } from '../webview/axe.mjs';
import { walkVsix } from './run-steps.mjs';
import { takeTheme, THEMES } from './themes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = join(root, 'out', 'e2e-train');
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-train-'));
const workspace = join(folder, 'workspace');
await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });
await mkdir(workspace, { recursive: true });
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });
process.env.OHEM_DATA ??= join(
  process.env.OHEM_TEST_CACHE ?? join(homedir(), '.cache/ohem-lens/tfjs-node-suite'),
  'data',
);
process.env.OHEM_VSIX ??= await pack();
const hasBinding = await findsBinding();

const attribute = (frame, id, name) => frame.locator(`[data-testid="${id}"]`).first().getAttribute(name);
const text = (frame, id) => frame.locator(`[data-testid="${id}"]`).first().textContent();
const numPoints = async (frame) => Number(await attribute(frame, 'loss-chart', 'data-points'));
const stateOf = (frame) => attribute(frame, 'train-progress', 'data-state');

/** The training panel's document. */
async function trainFrame(vscode, timeoutMs = 60_000) {
  return vscode.until(
    'the training panel',
    async () => {
      for (const frame of vscode.page.frames())
        if (await frame.$('[data-testid="train-progress"]').catch(() => null)) return frame;
      return null;
    },
    timeoutMs,
  );
}

async function minesTheSample(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await vscode.command('Mine the Sample');
  const panel = await vscode.panel(120_000);
  await vscode.until('the run is done', async () => /\d+ of 42/.test(await text(panel, 'image-position')), 180_000);
}

/** Answers the questions; undefined: as suggested. */
async function asks(vscode, answers) {
  const input = vscode.page.locator('.quick-input-widget input[type="text"]').first();
  const title = vscode.page.locator('.quick-input-title').first();
  for (const [i, answer] of answers.entries()) {
    await vscode.until(`question ${i + 1}`, async () => (await title.textContent())?.includes(`(${i + 1}/`));
    if (answer !== undefined) await input.fill(answer);
    await vscode.page.waitForTimeout(300);
    if (i === 0 || i === 4) await vscode.screenshot(`01-question-${i + 1}`);
    await vscode.page.keyboard.press('Enter');
  }
}

/** Enough that it still runs when the window goes: a step takes some 0.1 s. An epoch is 21 steps of two images. */
const EPOCHS = 8;
const NUM_STEPS = 21 * EPOCHS;

async function startsATraining(vscode) {
  await vscode.command('Train With Hard Examples');
  await asks(vscode, [undefined, undefined, String(EPOCHS), undefined, undefined, undefined]);
  const frame = await trainFrame(vscode);
  const facts = `paper · B/N 128/2 · all layers · learning rate 0.002 · ${EPOCHS} epochs · mAP on the training images`;
  assert.ok((await text(frame, 'train-facts')).includes(facts));
}

async function saysThatTensorflowIsMissing(vscode) {
  const frame = await trainFrame(vscode);
  await vscode.until(
    'the failure',
    async () => (await attribute(frame, 'failure', 'data-problem')) === 'no-tensorflow',
    60_000,
  );
  assert.ok(await frame.locator('[data-testid="do-setUpBackend"]').isVisible());
  await vscode.screenshot('02-no-tensorflow');
  await frame.locator('[data-testid="do-setUpBackend"]').click();
  const input = vscode.page.locator('.quick-input-widget');
  await vscode.until(
    'the set-up asks',
    async () => (await input.isVisible()) && /Set Up GPU Backend/.test(await input.textContent()),
    60_000,
  );
  await vscode.screenshot('02-set-up');
  await vscode.page.keyboard.press('Escape');
}

async function drawsCurvesAndTheBatch(vscode) {
  const frame = await trainFrame(vscode);
  await vscode.until('points', async () => (await numPoints(frame)) >= 5, 120_000);
  await vscode.until('the chosen batch', async () => Number(await attribute(frame, 'chosen', 'data-selected')) > 0);
  await vscode.until(
    'boxes on both pictures',
    async () => (await frame.locator('[data-testid="chosen-picture"] svg .box').count()) > 20,
  );
  assert.match(await text(frame, 'chosen'), /Step \d+: \d+ of \d+ RoIs train/);
  await vscode.until('time to go', async () => /to go/.test(await text(frame, 'train-progress')));
  await vscode.screenshot('03-running');
}

async function keysMoveTheCursor(vscode) {
  const frame = await trainFrame(vscode);
  const plot = frame.locator('[data-testid="loss-chart"] [role="slider"]');
  await plot.focus();
  await vscode.page.keyboard.press('Home');
  assert.match(await plot.getAttribute('aria-valuetext'), /^step 0: selected RoIs \d/);
  await vscode.page.keyboard.press('ArrowRight');
  assert.match(await plot.getAttribute('aria-valuetext'), /^step 1:/);
  const [points, cursor] = [await numPoints(frame), frame.locator('[data-testid="loss-chart"] .u-cursor-x')];
  await vscode.until('the next point', async () => (await numPoints(frame)) > points, 60_000);
  assert.match(await plot.getAttribute('aria-valuetext'), /^step 1:/, 'new points move the cursor away');
  assert.ok(await cursor.isVisible());
  await frame.locator('[data-testid="curve-allRoiLoss"]').press('Enter');
  assert.equal(await frame.locator('[data-testid="curve-allRoiLoss"]').getAttribute('aria-pressed'), 'false');
  await frame.locator('[data-testid="curve-allRoiLoss"]').press('Enter');
  await frame.locator('[data-testid="points-table"] summary').press('Enter');
  await vscode.until('rows', async () => (await frame.locator('[data-testid="points-table"] tbody tr').count()) >= 5);
  await frame.locator('[data-testid="points-table"] summary').press('Enter');
}

async function stops(vscode) {
  const frame = await trainFrame(vscode);
  await vscode.until(
    'the first epoch',
    async () => Number(await attribute(frame, 'precision-chart', 'data-points')) >= 2,
    120_000,
  );
  await frame.locator('[data-testid="do-stop"]').press('Enter');
  await vscode.until('stopped', async () => (await stateOf(frame)) === 'stopped', 60_000);
  assert.deepEqual(trainingProcesses(), []);
  await vscode.screenshot('04-stopped');
}

async function continues(vscode) {
  const frame = await trainFrame(vscode);
  const before = await numPoints(frame);
  await frame.locator('[data-testid="do-resume"]').click();
  await vscode.until('more points', async () => (await numPoints(frame)) > before, 120_000);
}

/** The window goes in the middle of a step: its process saves and ends, and the panel comes back with what there is. */
async function isFoundAgainAfterAReload(vscode) {
  assert.equal(trainingProcesses().length, 1);
  // The web workbench writes its storage every five seconds.
  await vscode.page.waitForTimeout(6000);
  const before = await numPoints(await trainFrame(vscode));
  await vscode.page.reload();
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  const frame = await trainFrame(vscode, 120_000);
  await vscode.until('no process is left', () => trainingProcesses().length === 0, 90_000);
  await vscode.until('stopped or finished', async () => ['stopped', 'finished'].includes(await stateOf(frame)), 30_000);
  assert.ok((await numPoints(frame)) >= before, 'points are lost');
  await vscode.screenshot('05-after-reload');
}

async function trainsToItsEnd(vscode) {
  const frame = await trainFrame(vscode);
  if ((await stateOf(frame)) === 'stopped') await frame.locator('[data-testid="do-resume"]').click();
  await vscode.until('finished', async () => (await stateOf(frame)) === 'finished', 240_000);
  assert.equal(Number(await attribute(frame, 'train-progress', 'data-step')), NUM_STEPS);
  // One before the first step; one that the reload ended is not made again.
  const evaluated = Number(await attribute(frame, 'precision-chart', 'data-points'));
  assert.ok(evaluated === EPOCHS + 1 || evaluated === EPOCHS, `${evaluated} evaluations`);
  assert.equal(await numPoints(frame), NUM_STEPS + 1);
  await vscode.screenshot('06-finished');
}

/** A panel out of sight keeps nothing but its folder's name: all is sent again. */
async function comesBackFromBehindAnotherTab(vscode) {
  await vscode.page.locator('.tab', { hasText: '.ohem' }).first().click();
  await vscode.panel();
  await vscode.page.locator('.tab', { hasText: 'Training' }).first().click();
  const frame = await trainFrame(vscode);
  await vscode.until('all points', async () => (await numPoints(frame)) === NUM_STEPS + 1);
  await vscode.until('the batch', async () => Number(await attribute(frame, 'chosen', 'data-selected')) > 0);
}

async function comparesWithBefore(vscode) {
  const frame = await trainFrame(vscode);
  await frame.locator('[data-testid="do-compare"]').click();
  await vscode.until('mining', async () =>
    ['mining', 'comparing', 'done'].includes(await attribute(frame, 'comparison', 'data-state')),
  );
  await vscode.until('compared', async () => (await attribute(frame, 'comparison', 'data-state')) === 'done', 180_000);
  const count = async (fate) => Number(await attribute(frame, `fate-${fate}`, 'data-count'));
  const [easy, stayed, fresh] = [await count('easy'), await count('stayed'), await count('new')];
  assert.ok(easy > 0 && stayed > 0 && fresh > 0, `${easy} easy, ${stayed} stayed, ${fresh} new`);
  assert.equal(await frame.locator('[data-testid="fate-image"]').count(), 42);
  await vscode.until('the picture', async () => Number(await attribute(frame, 'fate-picture', 'data-boxes')) > 0);
  await frame.locator('[data-testid="comparison"]').scrollIntoViewIfNeeded();
  await vscode.screenshot('07-compared');
  await frame.locator('[data-testid="fate-image"] button').nth(3).press('Enter');
  await vscode.until(
    'another image',
    async () => (await frame.locator('[data-testid="fate-image"]').nth(3).getAttribute('data-shown')) === 'true',
  );
  console.log(`       ${easy} became easy, ${stayed} stayed, ${fresh} new; ${await text(frame, 'fate-objects')}`);
}

async function looksRightInEveryTheme(vscode) {
  const frame = await trainFrame(vscode);
  for (const name of THEMES) {
    await takeTheme(vscode, frame, name);
    await vscode.page.waitForTimeout(1000);
    await frame.locator('[data-testid="train-progress"]').scrollIntoViewIfNeeded();
    await vscode.screenshot(`08-${name}-top`);
    await frame.locator('[data-testid="comparison"]').evaluate((element) => element.scrollIntoView());
    await vscode.screenshot(`08-${name}-comparison`);
    await assertAccessible(frame, `training, ${name}`);
  }
  // Narrow: a side by side with the code that trains.
  await vscode.page.setViewportSize({ width: 820, height: 940 });
  await vscode.page.waitForTimeout(1000);
  await frame.locator('[data-testid="train-progress"]').scrollIntoViewIfNeeded();
  await vscode.screenshot('09-narrow');
}

/** Engine processes of this editor that hold a training's folder. */
function trainingProcesses() {
  const locks = execFileSync('find', [workspace, '-name', 'running.json'])
    .toString()
    .trim()
    .split('\n')
    .filter((path) => path !== '');
  return locks.map((path) => JSON.parse(readFileSync(path, 'utf8')).pid).filter((pid) => existsSync(`/proc/${pid}`));
}

const STEPS = hasBinding
  ? [
      minesTheSample,
      startsATraining,
      drawsCurvesAndTheBatch,
      keysMoveTheCursor,
      stops,
      continues,
      isFoundAgainAfterAReload,
      trainsToItsEnd,
      comesBackFromBehindAnotherTab,
      comparesWithBefore,
      looksRightInEveryTheme,
    ]
  : [minesTheSample, startsATraining, saysThatTensorflowIsMissing];

/** Whether the engine process will find TensorFlow's binding. */
async function findsBinding() {
  if (process.env.TFJS_NODE_PATH !== undefined) return true;
  const verdicts = execFileSync(process.execPath, [join(root, 'dist/cli.mjs'), 'engines', '--json']).toString();
  return JSON.parse(verdicts).backends.some(({ id, runs }) => id === 'tfjs-node' && runs);
}

if (!hasBinding)
  console.log(
    "  skip curves, stop, continue, compare: TensorFlow's native binding is not set up (`ohem engines setup`)",
  );
await walkVsix('e2e of training', STEPS, { folder, workspace, shots, script: 'train.js' });
