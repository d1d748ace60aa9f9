/** A classification run of made-up scores: one RoI an image, its whole picture. */
import { encodeImage, encodeSchema } from '../../src/arrow/encode-run.js';
import type { ImageSummary, RunManifest } from '../../src/core/facts/run-manifest.js';
import { seededRandom } from '../../src/core/seeded-random.js';
import { presetConfig } from '../../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable, NUM_TOP, type RoiTable } from '../../src/core/tables.js';
import { el2nOf, entropyOf } from '../../src/core/losses/uncertainty.js';
import type { SyntheticRun } from './synthetic-run.js';

/** Every eighth example is wrong, every 40th ignored, every 90th failed. */
export function syntheticExamples(numImages: number, numClasses = 10): SyntheticRun {
  const manifest = manifestOf(numImages, numClasses);
  const { next } = seededRandom(7);
  const images = Array.from({ length: numImages }, (_, index) => {
    const rois = index % 90 === 89 ? allocateRoiTable(0, numClasses, 'float32') : oneRoi(index, numClasses, next);
    const summary = summaryOf(index, rois);
    return { summary, bytes: encodeImage({ summary, rois, gts: allocateGtTable(0) }, manifest) };
  });
  return { manifest, schema: encodeSchema(manifest), images };
}

function manifestOf(numImages: number, numClasses: number): RunManifest {
  return {
    ohemRun: 1,
    task: 'classification',
    createdAt: '2026-01-02T00:00:00.000Z',
    writtenBy: 'synthetic',
    precision: 'float32',
    classes: Array.from({ length: numClasses }, (_, id) => (numClasses > 10 ? `class ${id}` : String(id))),
    lossSource: 'training',
    checkpoint: null,
    backend: null,
    dataset: { kind: 'dump', path: '/', imageRoot: '/', split: null, numImages, sha256: '' },
    measure: null,
    mining: presetConfig('classification', 'top-rate', { keepRate: 0.25 }),
    notes: ['made-up numbers'],
  };
}

function oneRoi(index: number, numClasses: number, next: () => number): RoiTable {
  const rois = allocateRoiTable(1, numClasses, 'float32');
  const [label, wrong] = [index % numClasses, index % 8 === 0];
  const prediction = wrong ? (label + 1 + (index % 2)) % numClasses : label;
  const p = new Float64Array(numClasses).fill(0.1 / (numClasses - 1));
  p[prediction] = 0.9;
  const mix = 0.5 * next();
  p.forEach((value, id) => (p[id] = (1 - mix) * value + mix / numClasses));
  rois.x2[0] = rois.y2[0] = rois.predX2[0] = rois.predY2[0] = 28;
  rois.gtClass[0] = index % 40 === 39 ? -1 : label;
  rois.lossCls[0] = -Math.log(p[label]);
  rois.predClass[0] = prediction;
  rois.score[0] = p[prediction];
  rois.entropy[0] = entropyOf(p);
  rois.el2n[0] = el2nOf(p, label);
  const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).slice(0, NUM_TOP);
  order.forEach((id, k) => {
    rois.topClass[k] = id;
    rois.topScore[k] = p[id];
  });
  return rois;
}

function summaryOf(index: number, rois: RoiTable): ImageSummary {
  return {
    id: `made-up/${index}.png`,
    path: '',
    annotationPath: index % 2 === 0 ? '/labels.csv' : '',
    width: 28,
    height: 28,
    numRois: rois.numRois,
    numGts: 0,
    numForeground: rois.numRois,
    numSelected: 0,
    numIgnored: 0,
    numInvalid: 0,
    lossSum: rois.numRois === 0 ? 0 : rois.lossCls[0],
    lossMean: 0,
    lossMax: 0,
    entropy: -1,
    mistakenness: -1,
    error: rois.numRois === 0 ? 'image: could not be decoded' : '',
  };
}
