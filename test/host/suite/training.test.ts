import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { TrainArguments, TrainOutcome } from '../../../src/host/train/train-command.js';
import type { TrainingComparison } from '../../../src/protocol/train-messages.js';
import { api, extension, fewImages, mine, NUM_FEW, temporaryFolder, until } from '../support.js';

/** Small enough for the JavaScript backend: no native TensorFlow is needed here. */
const NETWORK = {
  inputWidth: 48,
  inputHeight: 48,
  widths: [4, 5, 6],
  features: 6,
  proposalWidth: 5,
  anchors: { sizes: [16], ratios: [1] },
  hidden: [8],
  pooledSize: 3,
  proposals: { preNmsTop: 50, nmsThreshold: 0.7, numProposals: 20, minSize: 2 },
};
const STEPS_AN_EPOCH = NUM_FEW / 2;

const train = async (given: Partial<TrainArguments>): Promise<TrainOutcome> => {
  const outcome = await vscode.commands.executeCommand<TrainOutcome | undefined>('ohemLens.train', {
    backend: 'cpu',
    ...given,
  });
  assert(outcome, 'the training did not begin');
  return outcome;
};
const command = <T>(name: string, ...args: unknown[]) => vscode.commands.executeCommand<T>(`ohemLens.${name}`, ...args);
const trainTabs = () =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('ohemLens.training'));

describe('training with hard examples', () => {
  const folder = temporaryFolder();
  const run = join(folder, 'before.ohem');
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  before(async function () {
    const { data, images } = fewImages(folder);
    const config = {
      data: { path: data, images },
      network: NETWORK,
      sampler: { batchSize: 16 },
      schedule: { epochs: 1 },
      backend: 'cpu',
      out: join(folder, 'first'),
    };
    writeFileSync(join(folder, 'first.json'), JSON.stringify(config));
    await promisify(execFile)(process.execPath, [
      join(extension().extensionPath, 'dist', 'cli.mjs'),
      'train',
      '--config',
      join(folder, 'first.json'),
    ]);
    const { state, message } = await mine({
      checkpoint: join(folder, 'first', 'checkpoint'),
      data,
      images,
      out: run,
      mining: { batchSize: 16 },
    });
    assert.equal(state, 'done', message);
  });

  it('trains the checkpoint of a run, shows it, and goes on for more epochs', async () => {
    const out = join(folder, 'training');
    const { trainings } = await api();
    const outcome = await train({ run, out, epochs: 2, learningRate: 0.01, validation: { on: 'training' } });
    assert.deepEqual(outcome, { out, state: 'finished', step: 2 * STEPS_AN_EPOCH, message: '' });
    assert.equal(trainTabs().length, 1);
    const training = await trainings.open(out);
    assert.equal(training.points.filter(({ event }) => event === 'steps').length, 1 + 2 * STEPS_AN_EPOCH);
    const precisions = training.points.flatMap((point) => (point.event === 'epoch' ? [point.validation] : []));
    // Before the first step, and after each epoch.
    assert.equal(precisions.length, 3);
    assert(precisions.every((precision) => precision !== null));
    assert.equal(training.chosen?.images.length, 2);
    assert.equal(training.chosen?.image.length, 16);
    assert.equal(existsSync(join(out, 'checkpoint', 'ohem.json')), true);
    const config = JSON.parse(readFileSync(join(out, 'train.json'), 'utf8')) as { sampler: object };
    assert.deepEqual(config.sampler, {
      preset: 'paper',
      batchSize: 16,
      keepRate: null,
      nmsThreshold: 0.7,
      rankBy: 'total',
    });

    const further = await command<TrainOutcome>('resumeTraining', out, 3);
    assert.deepEqual([further.state, further.step], ['finished', 3 * STEPS_AN_EPOCH]);
    await assert.doesNotReject(Promise.resolve(command('stopTraining', out)));
  });

  it('compares with before', async () => {
    const out = join(folder, 'training');
    const comparison = await command<TrainingComparison>('compareWithBefore', out);
    assert.equal(comparison.state, 'done', comparison.message);
    assert.equal(comparison.before, run);
    assert.equal(comparison.step, 3 * STEPS_AN_EPOCH);
    assert.equal(comparison.numImages, NUM_FEW);
    const { numEasy, numStayed, numNew } = comparison.total ?? assert.fail('no total');
    // B/N 16/2: eight an image, or all there are.
    assert(numEasy + numStayed > 0 && numStayed + numNew > 0, `${numEasy} easy, ${numStayed} stayed, ${numNew} new`);
    assert.equal(existsSync(comparison.after), true);
    const madeAt = readFileSync(comparison.after).length;
    const again = await command<TrainingComparison>('compareWithBefore', out);
    assert.deepEqual(again.total, comparison.total);
    assert.equal(readFileSync(again.after).length, madeAt);
  });

  it('stops, and goes on to the same end', async () => {
    const out = join(folder, 'stopped');
    const { trainings } = await api();
    const ending = train({ run, out, epochs: 200, learningRate: 0.01 });
    const training = await until('the training', async () =>
      existsSync(join(out, 'train.json')) ? trainings.open(out) : null,
    );
    await until('two steps', () => training.progress.step >= 2);
    await command('stopTraining', out);
    const outcome = await ending;
    assert.equal(outcome.state, 'stopped');
    assert.equal(existsSync(join(out, 'state.bin')), true);
    assert.equal(existsSync(join(out, 'running.json')), false);
    const epochs = Math.ceil((outcome.step + 2) / STEPS_AN_EPOCH);
    assert.deepEqual(await command('resumeTraining', out, epochs), {
      out,
      state: 'finished',
      step: epochs * STEPS_AN_EPOCH,
      message: '',
    });
  });

  it('says when a loss is not finite, and keeps the folder as it is', async () => {
    const out = join(folder, 'broken');
    const outcome = await train({ run, out, epochs: 2, learningRate: 1e30 });
    assert.equal(outcome.state, 'failed');
    assert.match(outcome.message, /^mining: .*received (NaN|-?Infinity)/);
    const { trainings } = await api();
    assert.equal((await trainings.open(out)).progress.problem, 'not-finite');
    // The panel's answer to a missing TensorFlow.
    assert((await vscode.commands.getCommands(true)).includes('ohemLens.setUpBackend'));
  });

  it('refuses what cannot be trained before anything is written', async () => {
    const out = join(folder, 'never');
    const manifest = (await vscode.workspace.fs.readFile(vscode.Uri.file(run))).length;
    assert.equal(await command('train', { run, out, epochs: 0 }), undefined);
    assert.equal(existsSync(out), false);
    const contract = join(folder, 'first', 'checkpoint', 'ohem.json');
    const text = readFileSync(contract, 'utf8');
    writeFileSync(contract, text.replace('tfjs-layers', 'onnx'));
    assert.equal(await command('train', { run, out }), undefined);
    writeFileSync(contract, text);
    assert.equal(existsSync(out), false);
    assert.equal((await vscode.workspace.fs.readFile(vscode.Uri.file(run))).length, manifest);
  });
});
