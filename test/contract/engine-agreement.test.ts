/**
 * The same checkpoint on every backend that runs here: the same losses, and an order that differs only where losses do
 * not.
 * test/tfjs-node-suite.mjs brings TensorFlow and, where there is one, a GPU of software; with --thorough real detectors
 * go
 * over that too, which takes minutes.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/core/mining/select.js';
import type { RoiTable } from '../../src/core/tables.js';
import type { Backend } from '../../src/engine/engine.js';
import { BACKENDS } from '../../src/engine/registry.js';
import { mineRun } from '../../src/run/mine/mine-run.js';
import { readAll } from '../unit/run/read-all.js';
import { writeYolox } from './yolox-models.js';

const SAMPLE = 'media/sample';
const CHECKPOINTS = '../shared/checkpoints';
const PHOTOS = '../shared/data/coco-cc-train/instances.json';

/** Two backends add in another order: losses of one RoI differ by rounding. docs/engines.md has what was seen. */
const TOLERANCE = 1e-4;
const LIMIT_MS = 900_000;

const required = (process.env['OHEM_REQUIRED_BACKENDS'] ?? '').split(',').filter((id) => id !== '');
const thorough = process.env['OHEM_THOROUGH'] === '1';
const running: Backend[] = [];
for (const backend of BACKENDS) {
  await backend.start().then(
    (engine) => engine.dispose().then(() => running.push(backend)),
    (error: unknown) => console.log(`skipped: ${backend.id} does not run here: ${String(error)}`),
  );
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-agreement-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function mine(checkpointPath: string, datasetPath: string, backend: string, limit: number) {
  const outPath = join(folder, `${backend}.ohem`);
  await rm(outPath, { force: true });
  const rule = { mining: resolveConfig('paper', {}), measure: {}, keepRois: null };
  const start = performance.now();
  await mineRun(
    { checkpointPath, datasetPath, dataset: {}, outPath, ...rule, backend, limit, resume: false },
    () => undefined,
  );
  const seconds = (performance.now() - start) / 1000;
  const run = await readAll(outPath);
  expect([run.manifest.backend?.id, run.images.length]).toEqual([backend, limit]);
  return { rois: run.images.map((image) => image.rois), seconds };
}

const lossesOf = ({ lossCls, lossLoc }: RoiTable): Float64Array =>
  Float64Array.from(lossCls, (loss, row) => loss + lossLoc[row]);

/** RoIs of two runs by region: proposals may come in another order where two scores are equal but for rounding. */
function pairs(a: RoiTable, b: RoiTable): [number, number][] {
  const key = ({ x1, y1, x2, y2 }: RoiTable, row: number) =>
    [x1[row], y1[row], x2[row], y2[row]].map((value) => value.toFixed(1)).join(' ');
  const rows = new Map(Array.from({ length: b.numRois }, (_, row) => [key(b, row), row]));
  return Array.from({ length: a.numRois }, (_, row) => [row, rows.get(key(a, row)) ?? -1] as [number, number]).filter(
    ([, other]) => other >= 0,
  );
}

/** Differences of losses, absolute below 1 and relative above, of RoIs that have the same label in both. */
function compare(a: RoiTable, b: RoiTable) {
  const matched = pairs(a, b).filter(([i, j]) => a.gtIndex[i] === b.gtIndex[j] && a.gtClass[i] === b.gtClass[j]);
  const [lossA, lossB] = [lossesOf(a), lossesOf(b)];
  const differences = matched.map(([i, j]) => Math.abs(lossA[i] - lossB[j]) / Math.max(1, lossA[i]));
  const byLoss = (losses: Float64Array, side: 0 | 1) => [...matched].sort((p, q) => losses[q[side]] - losses[p[side]]);
  const [order, other] = [byLoss(lossA, 0), byLoss(lossB, 1)];
  // At the same rank stand losses that differ by no more than the tolerance: the order differs only within it.
  const ranks = order.map(([i], rank) => Math.abs(lossA[i] - lossA[other[rank][0]]) / Math.max(1, lossA[i]));
  return {
    share: matched.length / Math.max(1, a.numRois),
    loss: Math.max(0, ...differences),
    rank: Math.max(0, ...ranks),
  };
}

interface Case {
  readonly backend: string;
  readonly checkpoint: string;
}

/** Runs the first and compares the others with it, all on the same images. */
async function agree(name: string, [first, ...others]: readonly Case[], data: string, limit: number): Promise<void> {
  const reference = await mine(first.checkpoint, data, first.backend, limit);
  const numRois = reference.rois.reduce((sum, rois) => sum + rois.numRois, 0);
  console.log(`${name}: ${first.backend} ${reference.seconds.toFixed(1)} s, ${limit} images, ${numRois} RoIs`);
  for (const { backend, checkpoint } of others) {
    const { rois, seconds } = await mine(checkpoint, data, backend, limit);
    const results = rois.map((table, i) => compare(reference.rois[i], table));
    const [share, loss, rank] = [
      Math.min(...results.map((result) => result.share)),
      Math.max(...results.map((result) => result.loss)),
      Math.max(...results.map((result) => result.rank)),
    ];
    console.log(
      `${name}: ${backend} ${seconds.toFixed(1)} s, ${(100 * share).toFixed(2)} % paired, loss within ` +
        `${loss.toExponential(1)}, rank within ${rank.toExponential(1)}`,
    );
    expect.soft(share, backend).toBeGreaterThan(0.99);
    expect.soft(loss, backend).toBeLessThan(TOLERANCE);
    expect.soft(rank, backend).toBeLessThan(2 * TOLERANCE);
  }
  expect(numRois).toBeGreaterThan(100 * limit);
}

const runs = (id: string) => running.some((backend) => backend.id === id);
const on = (checkpoint: string, ids: readonly string[]): Case[] =>
  ids.filter(runs).map((backend) => ({ backend, checkpoint }));
const opening = (format: string) => running.filter(({ formats }) => formats.includes(format)).map(({ id }) => id);

describe('the same checkpoint', () => {
  it('runs on what was set up for this', () => {
    expect(required.filter((id) => !runs(id))).toEqual([]);
  });

  it(
    'has the same losses on every backend, as ONNX and as a TensorFlow.js graph',
    async () => {
      const { onnx, tfjs } = await writeYolox(join(folder, 'yolox'));
      const reference = 'onnxruntime-web';
      const others = opening('onnx').filter((id) => id !== reference);
      await agree(
        'yolox',
        [...on(onnx, [reference, ...others]), ...on(tfjs, opening('tfjs-graph'))],
        `${SAMPLE}/instances.json`,
        3,
      );
    },
    LIMIT_MS,
  );

  it(
    'has the same losses on the sample, two stages',
    async () => {
      await agree(
        'sample',
        on(`${SAMPLE}/checkpoint`, ['tfjs-wasm', 'tfjs-node', 'tfjs-webgpu']),
        `${SAMPLE}/instances.json`,
        thorough ? 3 : 1,
      );
    },
    LIMIT_MS,
  );

  const nanodet = `${CHECKPOINTS}/nanodet-m-416-tfjs`;
  it.skipIf(!existsSync(nanodet) || !existsSync(PHOTOS))(
    'has the same losses on NanoDet',
    () => agree('nanodet', on(nanodet, ['tfjs-wasm', 'tfjs-node', ...(thorough ? ['tfjs-webgpu'] : [])]), PHOTOS, 3),
    LIMIT_MS,
  );

  const yolox = `${CHECKPOINTS}/yolox-nano-onnx`;
  it.skipIf(!existsSync(yolox) || !existsSync(PHOTOS))(
    'has the same losses on YOLOX-nano',
    () =>
      agree(
        'yolox-nano',
        on(yolox, ['onnxruntime-node', 'onnxruntime-web', ...(thorough ? ['onnxruntime-webgpu'] : [])]),
        PHOTOS,
        3,
      ),
    LIMIT_MS,
  );
});
