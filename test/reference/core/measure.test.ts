/** Losses against PyTorch, assigners against a slow dense implementation: measure.py wrote measure.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assignAtss } from '../../../src/core/assign/atss-assigner.js';
import { encodeDelta, FAST_RCNN_WEIGHTS } from '../../../src/core/boxes/box-coding.js';
import { giouLoss } from '../../../src/core/losses/box/giou.js';
import { smoothL1Loss } from '../../../src/core/losses/box/smooth-l1.js';
import { focalLossFromLogits, focalLossFromProbabilities } from '../../../src/core/losses/class/focal.js';
import { sigmoidLossFromLogits, sigmoidLossFromProbabilities } from '../../../src/core/losses/class/bce.js';
import { softmaxLossFromLogits } from '../../../src/core/losses/class/cross-entropy.js';
import type { ClsLoss } from '../../../src/core/losses/cls-loss.js';
import { FAST_RCNN_MEASURE } from '../../../src/core/measure/measure-config.js';
import { measureRois } from '../../../src/core/measure/measure.js';
import { assignSimota } from '../../../src/core/assign/simota-assigner.js';
import { columnsOf } from '../../unit/core/make-output.js';
import { expectClose, sceneInputs } from './scene.js';
import type { Rows, Scene } from './scene.js';

interface AssignedScene extends Scene {
  simota: number[];
  atss: number[];
}
const reference = JSON.parse(readFileSync(new URL('measure.json', import.meta.url), 'utf8')) as {
  cls: Record<string, Rows> & { numClasses: number; label: number[] } & Record<string, number[]>;
  box: {
    regions: Rows;
    targets: Rows;
    predicted: Rows;
    encoded: Rows;
    smoothL1: Record<string, number[]>;
    giou: number[];
  };
  scenes: AssignedScene[];
};

describe('class losses agree with PyTorch', () => {
  const { cls } = reference;
  const cases: [string, string, ClsLoss, number[]][] = [
    ['cross entropy', 'softmaxLogits', softmaxLossFromLogits, cls['crossEntropy']],
    ['binary cross entropy', 'sigmoidLogits', sigmoidLossFromLogits, cls['bce']],
    ['focal', 'sigmoidLogits', focalLossFromLogits, cls['focal']],
    ['bce of probabilities', 'probabilities', sigmoidLossFromProbabilities, cls['bceFromProbabilities']],
    ['focal of probabilities', 'probabilities', focalLossFromProbabilities, cls['focalFromProbabilities']],
  ];
  test.each(cases)('%s', (name, column, lossOf, expected) => {
    const rows = cls[column] as Rows;
    const scores = Float32Array.from(rows.flat());
    rows.forEach((row, i) =>
      expectClose(lossOf(scores, i * row.length, cls.numClasses, cls.label[i]), expected[i], `${name} of row ${i}`),
    );
  });
});

describe('box losses agree with PyTorch', () => {
  const { box } = reference;
  const regions = columnsOf(box.regions);
  const targets = columnsOf(box.targets);

  test('encoded deltas', () => {
    const out = new Float64Array(4);
    box.encoded.forEach((expected, row) => {
      encodeDelta(out, regions, row, targets, row, FAST_RCNN_WEIGHTS);
      expected.forEach((value, i) => expectClose(out[i], value, `delta ${i} of row ${row}`));
    });
  });

  test.each(Object.keys(box.smoothL1))('smooth L1, sigma %s', (sigma) => {
    box.smoothL1[sigma].forEach((expected, row) => {
      const predicted = Float32Array.from(box.predicted[row]);
      expectClose(smoothL1Loss(predicted, 0, box.encoded[row], 1 / Number(sigma) ** 2), expected, `row ${row}`);
    });
  });

  test('1 - GIoU', () => {
    const { x1, y1, x2, y2 } = regions;
    box.giou.forEach((expected, i) =>
      expectClose(
        giouLoss(x1[i], y1[i], x2[i], y2[i], targets.x1[i], targets.y1[i], targets.x2[i], targets.y2[i]),
        expected,
        `row ${i}`,
      ),
    );
  });
});

describe.each(reference.scenes.map((scene, i) => [i, scene] as const))('dense assignment, scene %i', (_i, scene) => {
  const { output, grid, gts, subset } = sceneInputs(scene);

  test('SimOTA matches the same anchors', () => {
    expect([...assignSimota(output, null, grid, subset).gt]).toEqual(scene.simota);
    expect(scene.simota.some((g) => g >= 0)).toBe(true);
  });

  test('ATSS matches the same anchors', () => {
    expect([...assignAtss(output.regions, output.numRois, grid, subset).gt]).toEqual(scene.atss);
    expect(scene.atss.some((g) => g >= 0)).toBe(true);
  });

  test('measureRois writes that assignment into the table', () => {
    const config = {
      ...FAST_RCNN_MEASURE,
      assigner: 'simota',
      clsLoss: 'bce',
      locLoss: 'giou',
      roiBox: 'regressed',
    } as const;
    const rois = measureRois(output, gts, config, { width: 0, height: 0 });
    expect([...rois.gtIndex]).toEqual(scene.simota);
  });
});
