/** The files that all of these tests damage, kill or abuse, made by the built command line out of the sample. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { encodePng } from '../../src/dataset/pixels/decode-image.js';
import { readImage, withRun } from '../../src/run/file/read-run.js';
import { createRun } from '../../src/run/file/run-store.js';
import { buildCli, call, ROOT } from '../built-cli.js';
import type { BuiltCli, Outcome } from '../built-cli.js';
import { rangeOf } from '../unit/run/range-of.js';
import { initializer, node, onnxModel, valueInfo } from '../contract/tiny-models.js';
import { TINY_CONFIG, writeTinyDataset } from '../unit/train/tiny-training.js';

export const SAMPLE = path.join(ROOT, 'media/sample');
export const CHECKPOINT = path.join(SAMPLE, 'checkpoint');
export const NUM_IMAGES = 4;

/** Finished runs of the fixture, one of each kind. */
export const RUNS = ['detection.ohem', 'classification.ohem', 'dump.ohem'] as const;

export interface Fixture {
  readonly cli: BuiltCli;
  /**
   * RUNS; `damaged.ohem`, the first of them with one changed bit; `older.ohem`, begun by an older version; a dump; a
   * small training of two epochs, `train.yaml`, and variants of it.
   */
  readonly template: string;
  /** A copy of a folder, by default the template. */
  copy(of?: string): Promise<string>;
  /** Calls `ohem` in a folder. */
  ohem(folder: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  remove(): Promise<void>;
}

export async function makeFixture(): Promise<Fixture> {
  const cli = await buildCli();
  const base = await mkdtemp(path.join(tmpdir(), 'ohem-reliability-'));
  const template = path.join(base, 'template');
  await mkdir(template);
  let numCopies = 0;
  const fixture: Fixture = {
    cli,
    template,
    async copy(of = template) {
      const folder = path.join(base, String(++numCopies));
      await cp(of, folder, { recursive: true });
      return folder;
    },
    ohem: (cwd, args, env = {}) =>
      call(process.execPath, [cli.path, ...args], { cwd, env: { ...process.env, ...env } }),
    async remove() {
      await cli.remove();
      await rm(base, { recursive: true, force: true });
    },
  };
  await fill(fixture);
  return fixture;
}

async function fill({ template, ohem }: Fixture): Promise<void> {
  const write = (name: string, text: string | Uint8Array) => writeFile(path.join(template, name), text);
  await write('dump.jsonl', dumpText());
  await write('classifier.onnx', CLASSIFIER);
  await writeTinyDataset(template);
  await writeClasses(path.join(template, 'classes'));
  for (const [name, changes] of [
    ['train.yaml', {}],
    ['train-1.yaml', { schedule: { ...TINY_CONFIG.schedule, epochs: 1 } }],
    ['train-old.yaml', { seed: 9 }],
    ['train-diverging.yaml', { schedule: { ...TINY_CONFIG.schedule, learningRate: 1e30 } }],
  ] as const)
    await write(name, JSON.stringify({ ...TINY_CONFIG, backend: 'cpu', ...changes }));
  for (const args of [
    ['mine', '--checkpoint', CHECKPOINT, '--data', SAMPLE, '--limit', String(NUM_IMAGES), '--out', RUNS[0]],
    ['mine', '--checkpoint', 'classifier.onnx', '--data', 'classes', '--out', RUNS[1]],
    ['import', 'dump.jsonl', '--out', RUNS[2]],
  ])
    expect(await ohem(template, args)).toMatchObject({ status: 0 });
  await write('damaged.ohem', await withFlippedBit(path.join(template, RUNS[0]), 1));
  await writeOlder(path.join(template, RUNS[0]), path.join(template, 'older.ohem'));
}

/** The first image of a run, as if an older version had begun it. */
function writeOlder(run: string, older: string): Promise<void> {
  return withRun(run, async (reader) => {
    const writer = await createRun(older, { ...reader.manifest, writtenBy: 'ohem-lens 0.0.1' });
    await writer.append(await readImage(reader, 0));
    await writer.close();
  });
}

/** A run with one changed bit among the RoIs of an image. */
async function withFlippedBit(run: string, imageIndex: number): Promise<Buffer> {
  const bytes = await readFile(run);
  const { end } = await withRun(run, async (reader) => rangeOf(reader, imageIndex));
  bytes[end - 100] ^= 1;
  return bytes;
}

/** Ten images of a few RoIs, as a training script writes them. */
function dumpText(): string {
  const header = { ohem_dump: 1, task: 'detection', classes: ['cat', 'dog'], background: 0, activation: 'softmax' };
  const images = Array.from({ length: 10 }, (_, i) => ({
    image: `${i}.jpg`,
    width: 100,
    height: 100,
    rois: Array.from({ length: 20 }, (_, row) => [row, i, row + 20, i + 30]),
    label: Array.from({ length: 20 }, (_, row) => row % 3),
    loss_cls: Array.from({ length: 20 }, (_, row) => ((row * 7 + i) % 11) / 10),
    loss_loc: Array.from({ length: 20 }, (_, row) => ((row * 5 + i) % 7) / 10),
  }));
  return [header, ...images].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Logits (0, mean of the red pixels). */
const CLASSIFIER = onnxModel({
  nodes: [
    node('GlobalAveragePool', ['image'], ['means']),
    node('Flatten', ['means'], ['flat']),
    node('MatMul', ['flat', 'weights'], ['logits']),
  ],
  inputs: [valueInfo('image', ['n', 3, 8, 8])],
  outputs: [valueInfo('logits', ['n', 2])],
  initializers: [initializer('weights', [3, 2], Float32Array.of(0, 1, 0, 0, 0, 0))],
});

async function writeClasses(folder: string): Promise<void> {
  for (const [name, values] of [
    ['dark', [0, 40, 90, 170]],
    ['light', [80, 160, 210, 255]],
  ] as const) {
    await mkdir(path.join(folder, name), { recursive: true });
    for (const value of values)
      await encodePng(
        { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(value) },
        path.join(folder, name, `${value}.png`),
      );
  }
}
