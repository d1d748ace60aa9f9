/** The first reading of outputs that no family takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import type { Detector, ModelFiles } from '../../../../src/checkpoint/detector.js';
import { allocateGtTable } from '../../../../src/core/tables.js';
import { KeptGraphs } from '../../../../src/run/inspect/kept-graphs.js';
import { firstReading } from '../../../../src/run/inspect/reading.js';
import type { Sample } from '../../../../src/run/inspect/samples.js';
import { bindDetector } from '../../checkpoint/bind.js';
import { fakeGraph, tensor } from '../../checkpoint/fake-graph.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-reading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One object at (32, 0) to (96, 32), class 1 of `a`, `b`. */
function sample(): Sample {
  const gts = allocateGtTable(1);
  [gts.x1[0], gts.x2[0], gts.y2[0], gts.gtClass[0]] = [32, 96, 32, 1];
  const image = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 3) };
  return { path: 'a.png', annotationPath: '', image, gts, classes: ['a', 'b'] };
}

/** A model whose first candidate is the object: corners in 0…1, and the logits of a softmax with background first. */
function model(name: string): { readonly files: ModelFiles<Detector>; readonly graphs: KeptGraphs } {
  const path = join(folder, name);
  writeFileSync(path, '');
  const graph = fakeGraph(() => ({
    where: tensor([50, 4], (i) => (i < 4 ? [0.25, 0, 0.75, 0.5] : [0.1, 0.8, 0.2, 1])[i % 4]),
    what: tensor([50, 3], (i) => (i < 3 ? [-5, 0, 5] : [5, 0, 0])[i % 3]),
  }));
  const open: ModelFiles<Detector>['open'] = async (load, contract) =>
    bindDetector(await load(path, 'onnx'), path, contract ?? null, null);
  return { files: { path, format: 'onnx', sha256: '', open }, graphs: new KeptGraphs(async () => graph) };
}

it('is the guess whose boxes meet the objects best', async () => {
  const reading = await firstReading({ ...model('m.onnx'), samples: [sample()] });
  expect(reading.name).toBe('boxes where, scores what, softmax with background first');
  expect(reading.fit).toBe(1);
  expect(reading.contract).toMatchObject({
    family: 'generic',
    boxForm: 'xyxy',
    boxUnit: 'normalised',
    given: 'logits',
  });
});

it('keeps what a contract for another family says of classes, pixels and outputs', async () => {
  const shared = { classes: ['a', 'b'], outputs: ['where', 'what'] };
  writeFileSync(join(folder, 'n.ohem.json'), JSON.stringify({ family: 'nanodet', regMax: 7, ...shared }));
  const { files, graphs } = model('n.onnx');
  const open: typeof files.open = (load, contract) => files.open(load, contract ?? { family: 'nanodet' });
  const reading = await firstReading({ files: { ...files, open }, graphs, samples: [sample()] });
  expect(reading.contract).toMatchObject({ family: 'generic', ...shared });
  expect(reading.contract).not.toHaveProperty('regMax');
  expect(inWords(reading.problem ?? '')).toContain('contract.family: expected nanodet: for each of');
});

it('has the contract that is inside of the model, too', async () => {
  const { files, graphs } = model('p.onnx');
  const columns = { boxes: { output: 'where' }, scores: { output: 'what' } };
  const contract = { family: 'generic', ...columns, boxForm: 'xyxy', boxUnit: 'normalised' } as const;
  const inside = { ...contract, activation: 'sigmoid', given: 'logits' } as const;
  const open: typeof files.open = (load, asked) => files.open(load, asked ?? inside);
  const reading = await firstReading({ files: { ...files, open }, graphs, samples: [sample()] });
  expect([reading.name, reading.contract]).toEqual(['as it is', inside]);
});

it('lets other faults through', async () => {
  const { files, graphs } = model('o.onnx');
  const open = () => Promise.reject(new Error('out of memory'));
  await expect(firstReading({ files: { ...files, open }, graphs, samples: [] })).rejects.toThrow('out of memory');
});
