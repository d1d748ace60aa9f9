/**
 * Recipes' losses against PyTorch and torchvision, assigners against slow dense ones: recipes.py wrote recipes.json.
 * TAL against a second one, of PyTorch's own operations on whole images: tal.py wrote tal.json.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assignTal } from '../../../src/core/assign/tal-assigner.js';
import { LOC_LOSSES } from '../../../src/core/losses/box/index.js';
import { CLS_LOSSES } from '../../../src/core/losses/class/index.js';
import { FAST_RCNN_MEASURE } from '../../../src/core/measure/measure-config.js';
import type { MeasureConfig } from '../../../src/core/measure/measure-config.js';
import { measureRois } from '../../../src/core/measure/measure.js';
import { columnsOf, makeGts, makeOutput } from '../../unit/core/make-output.js';
import { expectClose, sceneInputs, UNSIZED } from './scene.js';
import type { Rows, Scene } from './scene.js';

interface Tal {
  alpha: number;
  beta: number;
  k: number;
  gt: number[];
  target: number[];
}
type TalScene = Omit<Scene, 'obj' | 'regions'> & { tal: Tal[] };
interface ByForm<T> {
  logits: T;
  probabilities: T;
}
type ById = Record<string, number[]>;
const reference = JSON.parse(readFileSync(new URL('recipes.json', import.meta.url), 'utf8')) as {
  cls: { numClasses: number; label: number[]; target: number[]; given: ByForm<Rows>; expected: ByForm<ById> };
  box: { image: { width: number; height: number }; preds: Rows; gts: Rows; expected: ById };
  scenes: (Scene & { tal: Tal[] })[];
};
const independent = JSON.parse(readFileSync(new URL('tal.json', import.meta.url), 'utf8')) as { images: TalScene[] };
const dense: MeasureConfig = { ...FAST_RCNN_MEASURE, clsLoss: 'bce', locLoss: 'giou', roiBox: 'regressed' };

describe.each(['logits', 'probabilities'] as const)('soft-target class losses from %s agree with PyTorch', (form) => {
  const { cls } = reference;
  const scores = Float32Array.from(cls.given[form].flat());
  test.each(Object.keys(cls.expected[form]))('%s', (id) => {
    const lossOf = CLS_LOSSES.find((spec) => spec.id === id)?.[form];
    cls.expected[form][id].forEach((expected, row) => {
      const received = lossOf?.(scores, row * cls.numClasses, cls.numClasses, cls.label[row], cls.target[row]);
      expectClose(received ?? NaN, expected, `row ${row}`);
    });
  });
});

describe('box losses agree with torchvision', () => {
  const { image, preds, gts, expected } = reference.box;
  const output = makeOutput(preds, 1, { preds: columnsOf(preds) });
  const table = makeGts(gts.map((box) => ({ box: box.map(Math.fround) })));
  test.each(Object.keys(expected))('%s', (id) => {
    const lossOf = LOC_LOSSES.find((spec) => spec.id === id)?.over(output, table, FAST_RCNN_MEASURE, image);
    expected[id].forEach((loss, row) => expectClose(lossOf?.(row, row, 0) ?? NaN, loss, `row ${row}`));
  });
});

describe.each(reference.scenes.map((scene, i) => [i, scene] as const))('dense assignment, scene %i', (_i, scene) => {
  const { output, grid, gts, subset } = sceneInputs(scene);

  test.each(scene.tal)('TAL of α $alpha, β $beta, k $k', ({ alpha, beta, k, gt, target }) => {
    const options = { talAlpha: alpha, talBeta: beta, talTopK: k };
    const assignment = assignTal({ output, norms: null, grid, gts: subset }, options);
    expect([...assignment.gt]).toEqual(gt);
    expect(gt.some((g) => g >= 0)).toBe(true);
    target.forEach((value, row) => expectClose(assignment.target?.[row] ?? NaN, value, `row ${row}`));
    const rois = measureRois(output, gts, { ...dense, ...options, assigner: 'tal', clsTarget: 'soft' }, UNSIZED);
    expect([...rois.gtIndex]).toEqual(gt);
  });
});

describe.each(independent.images.map((image, i) => [i, image] as const))('TAL of PyTorch, image %i', (_i, image) => {
  const { cls, preds } = image;
  const { output, grid, subset } = sceneInputs({ ...image, regions: preds, obj: cls.map(() => 1) });

  test.each(image.tal)('α $alpha, β $beta, k $k', ({ alpha, beta, k, gt, target }) => {
    const options = { talAlpha: alpha, talBeta: beta, talTopK: k };
    const assignment = assignTal({ output, norms: null, grid, gts: subset }, options);
    expect([...assignment.gt]).toEqual(gt);
    target.forEach((value, row) => expectClose(assignment.target?.[row] ?? NaN, value, `row ${row}`));
  });
});
