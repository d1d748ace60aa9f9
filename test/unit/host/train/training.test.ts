/** A training as the host follows it, with a stand-in for the engine process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Log } from '../../../../src/host/base/log.js';
import type { StepsPoint, TrainingPoint } from '../../../../src/protocol/train-messages.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';

vi.mock('vscode', async () => ({ EventEmitter: (await import('../fake-vscode.js')).FakeEventEmitter, l10n: {} }));
const { EngineStopped } = await import('../../../../src/host/engine/engine-process.js');
const { Training } = await import('../../../../src/host/train/training.js');
const { writeTrainFolder } = await import('../../../../src/host/train/train-folder.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-training-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = { info: () => undefined, warning: () => undefined, error: () => undefined } as unknown as Log;
const config = {
  data: { path: '/d/a.json', images: '/d' },
  init: '/m',
  sampler: { preset: 'paper' as const, batchSize: 64 },
  imagesPerBatch: 2,
  schedule: { epochs: 2, learningRate: 0.01, warmup: 1 },
  frozenBody: false,
  logEvery: 1,
  out: '.',
};
const before = { run: '/r.ohem', classes: ['nut'], validation: '' };

/** The engine process: what it was asked, and how it answers. */
class FakeEngine {
  calls: { method: string; params: { resume?: boolean; force?: boolean } }[] = [];
  killed = false;
  signal: AbortSignal | undefined;
  #emit: (event: WorkerEvent) => void = () => undefined;
  #settle: { resolve(value: unknown): void; reject(error: Error): void } | undefined;

  get service(): EngineService {
    const start = async (onEvent: (event: WorkerEvent) => void) => {
      this.#emit = onEvent;
      return {
        call: (method: string, params: object, signal: AbortSignal) => {
          this.calls.push({ method, params });
          this.signal = signal;
          return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
        },
        kill: () => {
          this.killed = true;
          this.#settle?.reject(new EngineStopped('stopped'));
        },
      };
    };
    return { start } as unknown as EngineService;
  }

  get training(): boolean {
    return this.#settle !== undefined;
  }

  point(point: TrainingPoint): void {
    this.#emit({ event: 'training', point });
  }

  end(state: 'finished' | 'stopped'): void {
    this.#settle?.resolve({ state, step: 0 });
  }

  fail(error: Error): void {
    this.#settle?.reject(error);
  }
}

const steps = (step: number): StepsPoint => ({
  event: 'steps',
  step,
  numSteps: 8,
  epoch: step / 4,
  selectedLoss: 2,
  allRoiLoss: 1,
  numRois: 9,
  numSelected: 4,
  foregroundShare: 0.5,
});
const epoch = (step: number): TrainingPoint => ({ event: 'epoch', step, epoch: step / 4, validation: null });
let out: string;
let engine: FakeEngine;
beforeEach(async () => {
  out = mkdtempSync(join(folder, 't'));
  engine = new FakeEngine();
  await writeTrainFolder(out, config, before);
});

async function begin() {
  const training = await Training.open(out, engine.service, log);
  const ended = training.start();
  await vi.waitFor(() => expect(engine.training).toBe(true));
  return { training, ended };
}

it("is not begun over somebody's file", async () => {
  const theirs = mkdtempSync(join(folder, 'theirs'));
  await writeFile(join(theirs, 'before.json'), 'theirs');
  await expect(writeTrainFolder(theirs, config, before)).rejects.toThrow(/expected a new file/);
  expect(await readdir(theirs)).toEqual(['before.json']);
});

describe('a training', () => {
  it('begins, moves and ends', async () => {
    const { training, ended } = await begin();
    expect(engine.calls[0]).toMatchObject({
      method: 'train',
      params: { config, file: join(out, 'train.json'), resume: false, force: false },
    });
    expect(training.progress).toMatchObject({
      state: 'starting',
      step: 0,
      numSteps: 0,
      canResume: false,
      hasCheckpoint: false,
      canCompare: true,
    });
    const added: number[] = [];
    training.onDidAdd(({ step }) => added.push(step));
    engine.point(steps(0));
    expect(training.progress).toMatchObject({ state: 'running', step: 0, numSteps: 8 });
    [1, 2, 3, 4].forEach((step) => engine.point(steps(step)));
    engine.point(epoch(4));
    expect(added).toEqual([0, 1, 2, 3, 4, 4]);
    expect(training.progress).toMatchObject({
      state: 'running',
      step: 4,
      numSteps: 8,
      epoch: 1,
      canResume: true,
      hasCheckpoint: true,
    });
    expect(training.progress.etaSeconds).toBeGreaterThanOrEqual(0);
    [5, 6, 7, 8].forEach((step) => engine.point(steps(step)));
    engine.point(epoch(8));
    engine.end('finished');
    expect(await ended).toEqual({ state: 'finished', message: '', problem: null });
    expect(training.progress).toMatchObject({ state: 'finished', step: 8, etaSeconds: null });
    expect(engine.killed).toBe(true);
    expect(training.facts).toMatchObject({
      sampler: 'paper · B/N 64/2',
      epochs: 2,
      classes: ['nut'],
      checkpoint: '/m',
      data: '/d/a.json',
    });
  });

  it('is stopped in two degrees', async () => {
    const { training, ended } = await begin();
    engine.point(steps(1));
    training.stop();
    expect(engine.signal?.aborted).toBe(true);
    expect([training.progress.state, engine.killed]).toEqual(['stopping', false]);
    training.kill();
    expect((await ended).state).toBe('stopped');
    expect(training.progress.state).toBe('stopped');
  });

  it('goes on where there is a state, and takes back what a killed process had told too much', async () => {
    await writeFile(join(out, 'state.bin'), '');
    await writeFile(
      join(out, 'log.jsonl'),
      [steps(4), epoch(4), steps(5), steps(6)].map((point) => `${JSON.stringify(point)}\n`).join('') + '{"event":"st',
    );
    const { training, ended } = await begin();
    expect(engine.calls[0].params).toMatchObject({ resume: true, force: false });
    expect(training.points.map(({ step }) => step)).toEqual([4, 4, 5, 6]);
    engine.point(steps(5));
    expect(training.points.map(({ event, step }) => `${event} ${step}`)).toEqual(['steps 4', 'epoch 4', 'steps 5']);
    engine.end('stopped');
    await ended;
  });

  it('is found again as it was left', async () => {
    await writeFile(join(out, 'log.jsonl'), `${JSON.stringify(steps(3))}\n`);
    expect((await Training.open(out, engine.service, log)).progress).toMatchObject({
      state: 'stopped',
      step: 3,
      canResume: false,
    });
    await writeFile(join(out, 'log.jsonl'), [steps(8), epoch(8)].map((point) => `${JSON.stringify(point)}\n`).join(''));
    const training = await Training.open(out, engine.service, log);
    expect(training.progress).toMatchObject({ state: 'finished', numSteps: 8 });
    await writeFile(join(out, 'train.json'), '{');
    await expect(Training.open(out, engine.service, log)).rejects.toThrow(
      'options: training: expected a folder with train.json',
    );
    await expect(Training.open(join(folder, 'nowhere'), engine.service, log)).rejects.toThrow(
      'options: training: expected a folder with train.json',
    );
  });

  it('that was stopped before its second line has a state, and is not begun anew', async () => {
    await writeFile(join(out, 'log.jsonl'), [epoch(0), steps(0)].map((point) => `${JSON.stringify(point)}\n`).join(''));
    expect((await Training.open(out, engine.service, log)).progress.state).toBe('ready');
    await writeFile(join(out, 'state.bin'), '');
    expect((await Training.open(out, engine.service, log)).progress.state).toBe('stopped');
  });

  it('is not opened with a configuration that does not fit: the key is named', async () => {
    for (const [where, changes] of [
      ['data', { data: undefined }],
      ['sampler.preset', { sampler: {} }],
      ['init', { init: 3 }],
      ['imagesPerBatch', { imagesPerBatch: undefined }],
      ['schedule.epochs', { schedule: { epochs: 0, learningRate: 0.01 } }],
    ] as const) {
      await writeFile(join(out, 'train.json'), JSON.stringify({ ...config, ...changes }));
      await expect(Training.open(out, engine.service, log)).rejects.toMatchObject({
        code: 'options',
        where,
        hint: { file: join(out, 'train.json') },
      });
    }
  });

  it('goes on for more epochs than it was begun with', async () => {
    await writeFile(join(out, 'state.bin'), '');
    await writeFile(join(out, 'log.jsonl'), `${JSON.stringify(epoch(8))}\n`);
    const training = await Training.open(out, engine.service, log);
    const ended = training.start({ epochs: 3 });
    await vi.waitFor(() => expect(engine.training).toBe(true));
    expect(engine.calls[0].params).toMatchObject({
      resume: true,
      config: { schedule: { epochs: 3, learningRate: 0.01, warmup: 1 } },
    });
    expect((JSON.parse(await readFile(join(out, 'train.json'), 'utf8')) as typeof config).schedule.epochs).toBe(3);
    expect(training.progress.numSteps).toBe(12);
    engine.end('stopped');
    await ended;
  });

  it('of another window is shown as such until its process is gone', async () => {
    const { spawn } = await import('node:child_process');
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await mkdir(join(out, 'running.lock'));
    await writeFile(join(out, 'running.json'), JSON.stringify({ pid: other.pid }));
    await writeFile(join(out, 'log.jsonl'), `${JSON.stringify(steps(1))}\n`);
    const training = await Training.open(out, engine.service, log);
    expect(training.progress.state).toBe('elsewhere');
    await writeFile(join(out, 'log.jsonl'), `${JSON.stringify(steps(2))}\n`);
    training.stop();
    await vi.waitFor(() => expect(training.progress).toMatchObject({ state: 'stopped', step: 2 }), {
      timeout: 20_000,
      interval: 100,
    });
    training.dispose();
  });

  it('a name that a process left before the machine was started again is nobody’s', async () => {
    await mkdir(join(out, 'running.lock'));
    await writeFile(join(out, 'running.json'), JSON.stringify({ pid: process.pid }));
    await utimes(join(out, 'running.lock'), new Date('2001-01-01'), new Date('2001-01-01'));
    expect((await Training.open(out, engine.service, log)).progress.state).toBe('ready');
  });

  it('fails with a reason that says what can be done', async () => {
    const { training, ended } = await begin();
    const binding = "TensorFlow's native binding (WASM cannot train convolutions)";
    engine.fail(new MiningError('engine', 'training', binding, 'nothing', { reason: 'no-tensorflow' }));
    await ended;
    expect(training.progress).toMatchObject({
      state: 'failed',
      problem: 'no-tensorflow',
      message: expect.stringContaining('native binding') as string,
    });
  });

  it.each([
    [new MiningError('mining', 'cls loss', 'a number', 'NaN', { reason: 'not-finite' }), 'not-finite'],
    [new MiningError('dataset', 'images', 'at least one image', 'none'), 'other'],
    [new Error('mining: objectness[0]: expected a number, received NaN'), 'other'],
  ])('the reason is a field of the error, whatever its text says: %s', async (error, problem) => {
    const { training, ended } = await begin();
    engine.fail(error);
    await ended;
    expect(training.progress).toMatchObject({ state: 'failed', problem });
  });

  it('lets its process stop when the window goes', async () => {
    const { training } = await begin();
    training.dispose();
    expect(engine.signal?.aborted).toBe(true);
  });
});
