/**
 * LiteRT.js on what TensorFlow's converter makes, held to TensorFlow's interpreter in Python: the models and answers of
 * make-tflite-models.py, set up by test/tfjs-node-suite.mjs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inWords } from '../../src/core/said.js';
import type { Detector } from '../../src/checkpoint/detector.js';
import { openModel } from '../../src/checkpoint/open-model.js';
import type { Tensor, TensorInfo } from '../../src/core/graph.js';
import type { Engine } from '../../src/engine/engine.js';
import { startEngine } from '../../src/engine/registry.js';

const models = process.env['OHEM_TFLITE_MODELS'] ?? '';
if (models === '') console.log('skipped: TensorFlow is not set up for this run: node test/tfjs-node-suite.mjs');
const names = (models === '' ? [] : readdirSync(models))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -5));

interface Answer {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** Of the output's quantisation; 0: it has none. */
  readonly step: number;
}

/** Pixels (7 * i) % 256, as they are or in 0…1. */
function pixelsFor({ type, shape }: TensorInfo): Tensor {
  const dims = shape ?? [];
  const bytes = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (7 * i) % 256);
  return { shape: dims, data: type === 'uint8' ? Uint8Array.from(bytes) : Float32Array.from(bytes, (x) => x / 255) };
}

let folder = '';
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-tflite-'));
  ({ engine } = await startEngine('tflite', null));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(models === '')('a .tflite of the converter', () => {
  it.each(names)('%s gives what TensorFlow’s interpreter gives', async (name) => {
    const answers = JSON.parse(readFileSync(join(models, `${name}.json`), 'utf8')) as Answer[];
    const graph = await engine.loadGraph(join(models, `${name}.tflite`), 'tflite');
    const feeds = Object.fromEntries(graph.inputs.map((info) => [info.name, pixelsFor(info)]));
    const outputs = Object.values(await graph.run(feeds));
    expect(outputs.map(({ shape }) => shape)).toEqual(answers.map(({ shape }) => shape));
    const differences = answers.map(({ values, step }, i) => {
      // Rounding may fall to the other side where a value lies between two steps.
      const tolerance = (value: number) => (step > 0 ? 1.01 * step : 1e-5 * Math.max(1, Math.abs(value)));
      const shares = values.map((value, at) => Math.abs(value - outputs[i].data[at]) / tolerance(value));
      return shares.reduce((most, share) => Math.max(most, share), 0);
    });
    console.log(`${name}: of the tolerance ${differences.map((share) => share.toFixed(3)).join(' ')}`);
    expect(Math.max(...differences)).toBeLessThan(1);
  });

  /** With class names beside it, which are in no such file. */
  async function detector(name: string): Promise<Detector> {
    const path = join(folder, `${name}.tflite`);
    await copyFile(join(models, `${name}.tflite`), path);
    await writeFile(join(folder, 'classes.txt'), 'bolt\nnut\nwasher');
    const files = await openModel(path, 'detection');
    return files.open((file, format, outputs) => engine.loadGraph(file, format, outputs));
  }
  const image = {
    width: 64,
    height: 64,
    data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (7 * i) % 256),
  };

  it('is bound alike with floats and quantised, boxes in 0…1', async () => {
    const whole = await detector('float');
    expect(whole).toMatchObject({ family: 'yolov8', classes: ['bolt', 'nut', 'washer'], inputWidth: 64 });
    expect(whole.notes.map((note) => inWords(note))).toContain('boxes are in 0…1');
    const { preds, scores } = await whole.detect(image);
    for (const name of ['float16', 'int8', 'uint8']) {
      const other = await (await detector(name)).detect(image);
      const furthest = Math.max(...preds.x2.map((x, row) => Math.abs(x - other.preds.x2[row])));
      // A step of int8 is a quarter of a pixel.
      expect(furthest).toBeLessThan(name === 'float16' ? 0.1 : 2);
      expect(Math.max(...scores.map((score, i) => Math.abs(score - other.scores[i])))).toBeLessThan(0.05);
    }
  });

  it.each(['topk', 'nms'])('is mined at what goes into its choice: %s', async (name) => {
    const whole = await (await detector('float')).detect(image);
    const inner = await detector(name);
    expect(inner.family).toBe('yolov8');
    expect(inner.notes.map((note) => inWords(note)).join()).toContain('mined is what goes into it');
    const { preds, scores } = await inner.detect(image);
    expect(Math.max(...whole.preds.x1.map((x, row) => Math.abs(x - preds.x1[row])))).toBeLessThan(1e-3);
    expect(Math.max(...whole.scores.map((score, i) => Math.abs(score - scores[i])))).toBeLessThan(1e-5);
  });

  it('is refused by name where LiteRT.js cannot run it', async () => {
    const load = (name: string) => engine.loadGraph(join(models, `${name}.tflite`), 'tflite');
    await expect(load('open-size')).rejects.toThrow(/expected a fixed shape, received \[1,\?,\?,3\]/);
    await expect(load('flex')).rejects.toThrow(/received FlexMatrixDeterminant .*TFLITE_BUILTINS alone/);
  });
});
