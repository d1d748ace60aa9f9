/** TensorFlow's binding on the SavedModels of make-saved-models.py; set up by test/tfjs-node-suite.mjs. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/core/graph.js';
import { MiningError } from '../../src/core/mining-error.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import type { RoiTable } from '../../src/core/tables.js';
import type { Engine } from '../../src/engine/engine.js';
import { startEngine } from '../../src/engine/registry.js';
import { mineRun } from '../../src/run/mine/mine-run.js';
import { readAll } from '../unit/run/read-all.js';

const models = process.env['OHEM_SAVED_MODELS'];
if (models === undefined) console.log('skipped: TensorFlow is not set up for this run: node test/tfjs-node-suite.mjs');

const SAMPLE = 'media/sample';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-tfjs-node-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function mine(checkpointPath: string, data: string, backend: string, limit: number) {
  const outPath = join(folder, `${backend}-${checkpointPath.replaceAll('/', '_')}.ohem`);
  await rm(outPath, { force: true });
  const rule = { mining: resolveConfig('paper', {}), measure: {}, keepRois: null };
  await mineRun(
    { checkpointPath, datasetPath: data, dataset: {}, outPath, ...rule, backend, limit, resume: false },
    () => undefined,
  );
  return readAll(outPath);
}

const lossesOf = ({ lossCls, lossLoc }: RoiTable): Float64Array =>
  Float64Array.from(lossCls, (loss, row) => loss + lossLoc[row]);

describe.skipIf(models === undefined)('a SavedModel', () => {
  let engine: Engine;
  beforeAll(async () => {
    ({ engine } = await startEngine('saved-model', 'tfjs-node'));
  });
  const load = (name: string): Promise<Graph> => engine.loadGraph(join(models ?? '', name), 'saved-model');

  it('gives what TensorFlow gives in Python, at more than one size', async () => {
    const graph = await load('yolox');
    expect(graph.inputs).toEqual([{ name: 'images', type: 'float32', shape: [-1, -1, -1, 3] }]);
    expect(graph.outputs.map(({ name }) => name).sort()).toEqual(['rows', 'stride8']);
    const answer = JSON.parse(await readFile(join(models ?? '', 'answer.json'), 'utf8')) as {
      shape: number[];
      rows: number[];
    };
    const images = { shape: [1, 64, 96, 3], data: Float32Array.from({ length: 64 * 96 * 3 }, (_, i) => (i * 7) % 256) };
    const { rows, stride8 } = await graph.run({ images });
    expect(rows.shape).toEqual(answer.shape);
    expect(stride8.shape).toEqual([1, 8, 12, 16]);
    expect(Math.max(...answer.rows.map((value, i) => Math.abs(value - rows.data[i])))).toBeLessThan(1e-5);
    const larger = await graph.run({ images: { shape: [2, 128, 96, 3], data: new Float32Array(2 * 128 * 96 * 3) } });
    expect(larger['rows'].shape).toEqual([2, 252, 11]);
    graph.dispose();
  });

  it('takes bytes and integers, and gives floats, integers and truth values', async () => {
    const graph = await load('types');
    expect(Object.fromEntries(graph.inputs.map(({ name, type }) => [name, type]))).toEqual({
      image: 'uint8',
      steps: 'int32',
    });
    const image = { shape: [1, 2, 3], data: Uint8Array.of(0, 100, 200, 100, 110, 255) };
    const outputs = await graph.run({ image, steps: { shape: [3], data: Int32Array.of(1, 2, 39) } });
    expect([...outputs['mean'].data]).toEqual([50, 105, 227.5]);
    expect([...outputs['size'].data]).toEqual([1, 2, 3]);
    expect([...outputs['total'].data]).toEqual([42]);
    expect([...outputs['bright'].data]).toEqual([0, 1, 1]);
    const wrong = graph.run({
      image: { shape: [1, 2, 3], data: new Float32Array(6) },
      steps: { shape: [0], data: new Int32Array(0) },
    });
    await expect(wrong).rejects.toThrow('input image: expected uint8 [?,?,3], received float32 [1,2,3]');
    graph.dispose();
  });

  it('is mined from end to end, by itself on this backend', async () => {
    const checkpoint = join(models ?? '', 'yolox');
    const { manifest, complete, images } = await mine(checkpoint, `${SAMPLE}/instances.json`, 'tfjs-node', 3);
    expect([complete, manifest.checkpoint?.family, manifest.backend?.id]).toEqual([true, 'yolox', 'tfjs-node']);
    for (const { rois } of images) {
      expect(rois.numRois).toBe(60 * 48 + 30 * 24 + 15 * 12);
      expect(lossesOf(rois).every((loss) => Number.isFinite(loss) && loss >= 0)).toBe(true);
      expect(rois.gtIndex.some((gt) => gt >= 0)).toBe(true);
    }
    const { engine: chosen, refused } = await startEngine('saved-model', null);
    expect(chosen.facts.id).toBe('tfjs-node');
    expect(refused[0]).toContain('tfjs-node-gpu: TensorFlow 2.21.0 is built without CUDA');
  }, 120_000);

  it('that takes bytes is mined like the one that takes floats', async () => {
    const [floats, bytes] = [
      await mine(join(models ?? '', 'yolox'), `${SAMPLE}/instances.json`, 'tfjs-node', 2),
      await mine(join(models ?? '', 'bytes'), `${SAMPLE}/instances.json`, 'tfjs-node', 2),
    ];
    expect(bytes.images.map(({ rois }) => lossesOf(rois))).toEqual(floats.images.map(({ rois }) => lossesOf(rois)));
  }, 120_000);

  it('is refused in one line where the folder is none', async () => {
    const error = await engine.loadGraph(SAMPLE, 'saved-model').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MiningError);
    expect(String(error)).toContain('no such file');
  });
});
