import { describe, expect, it } from 'vitest';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable, NONE } from '../../../../src/core/tables.js';
import { ErrorType } from '../../../../src/core/triage/tide-errors.js';
import { decideBatch } from '../../../../src/run/file/minibatch.js';
import { collectItems, emptyCollection, MOST_ROIS } from '../../../../src/run/gallery/collect-items.js';
import { sampleSummary } from '../../arrow/run-sample.js';

type Corners = readonly [number, number, number, number];
interface Row {
  readonly box: Corners;
  readonly gt: number;
  readonly score: number;
  readonly says: number;
  readonly loss: number;
}

function image(id: string, rows: readonly Row[], objects: readonly Corners[]): RunImage {
  const rois = allocateRoiTable(rows.length, 2, 'float32', 'regressed');
  rows.forEach(({ box, gt, score, says, loss }, row) => {
    [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] = box;
    rois.gtIndex[row] = gt;
    rois.gtClass[row] = gt === NONE ? 2 : 0;
    rois.score[row] = score;
    rois.predClass[row] = says;
    rois.lossCls[row] = loss;
  });
  const gts = allocateGtTable(objects.length);
  objects.forEach((box, gt) => ([gts.x1[gt], gts.y1[gt], gts.x2[gt], gts.y2[gt]] = box));
  return { summary: sampleSummary(id, rows.length, objects.length), rois, gts };
}

function collect(images: readonly RunImage[], batchSize = 2) {
  const mining = resolveConfig('top-b', { batchSize, imagesPerBatch: 2 });
  const collected = emptyCollection();
  collectItems({ firstImage: 10, ...decideBatch(images, mining) }, collected);
  const { lists, numLeftOut } = collected;
  return {
    rois: lists.rois.items(),
    detections: lists.detections.items(),
    objects: lists.objects.items(),
    images: lists.images.items(),
    numLeftOut,
  };
}

const OBJECT: Corners = [0, 0, 10, 10];
const near: Row = { box: [0, 0, 10, 9], gt: 0, score: 0.2, says: 1, loss: 5 };
const sure: Row = { box: [0, 0, 10, 7], gt: 0, score: 0.9, says: 0, loss: 1 };
const away: Row = { box: [50, 50, 60, 60], gt: NONE, score: 0.4, says: 1, loss: 3 };

describe('collectItems', () => {
  it('lists selected RoIs by their place in their image', () => {
    const { rois } = collect([image('a', [sure, near], [OBJECT]), image('b', [sure, away], [])]);
    expect([...rois.image]).toEqual([10, 11]);
    expect([...rois.row]).toEqual([1, 1]);
    expect([...rois.label]).toEqual([0, 2]);
    expect([...rois.loss]).toEqual([5, 3]);
    expect([rois.x1[1], rois.y2[1]]).toEqual([50, 60]);
  });

  it('an object has the loss of its hardest selected RoI, and the prediction of its best box', () => {
    const { objects } = collect([image('a', [sure, near, away], [OBJECT])]);
    expect([objects.row[0], objects.loss[0], objects.selected[0]]).toEqual([1, 5, 1]);
    expect(objects.preferred[0]).toBe(0);
    expect(objects.score[0]).toBeCloseTo(0.9);
    expect(objects.iou[0]).toBeCloseTo(0.7);
  });

  it('of boxes that find nothing the one that overlaps most speaks; where none overlaps, background', () => {
    const far: Row = { ...sure, box: [0, 0, 10, 2] };
    const nearer: Row = { ...near, box: [0, 0, 10, 4] };
    const { objects } = collect([image('a', [far, nearer, away], [OBJECT, [200, 200, 210, 210]])], 0);
    expect([...objects.iou].map((iou) => Number(iou.toFixed(3)))).toEqual([0.4, 0]);
    expect([...objects.row]).toEqual([1, NONE]);
    expect([...objects.preferred]).toEqual([1, 2]);
    expect([...objects.selected]).toEqual([0, 0]);
    expect(objects.loss[0]).toBeNaN();
  });

  it('leaves out crowds, difficult objects and those without a class', () => {
    const some = image('a', [near], [OBJECT, OBJECT, OBJECT, OBJECT]);
    some.gts.isCrowd[0] = 1;
    some.gts.isDifficult[1] = 1;
    some.gts.gtClass[2] = -1;
    expect([...collect([some]).objects.gt]).toEqual([3]);
  });

  it('detections and objects carry their error; what inference NMS takes away is no detection', () => {
    const twice: Row = { ...sure, box: [0, 0, 10, 8], score: 0.8 };
    const other: Row = { ...away, score: 0.6 };
    const objects: Corners[] = [OBJECT, [200, 200, 210, 210]];
    const { detections, rois, objects: found } = collect([image('a', [sure, twice, near, other], objects)], 4);
    expect([...detections.row]).toEqual([0, 3, 2]);
    expect([...detections.error]).toEqual([ErrorType.none, ErrorType.bkg, ErrorType.cls]);
    expect([detections.y2[0], detections.selected[0]]).toEqual([7, 1]);
    expect([...found.error]).toEqual([ErrorType.none, ErrorType.miss]);
    expect(rois.error[[...rois.row].indexOf(1)]).toBe(NONE);
  });

  it('an image stands for its hardest selected RoI, with the sum of losses', () => {
    const { images } = collect([image('a', [sure, near], [OBJECT]), image('b', [], [])]);
    expect([...images.row]).toEqual([1, NONE]);
    expect(images.loss[0]).toBe(6);
    expect([images.x2[0], images.y2[0]]).toEqual([640, 480]);
    expect(images.loss[1]).toBeNaN();
  });

  it('keeps the hardest of very many, and counts the rest', () => {
    const rows = Array.from({ length: MOST_ROIS + 7 }, (_, row) => ({ ...away, loss: row + 1 }));
    const { rois, numLeftOut } = collect([image('a', rows, [])], 2000);
    expect([rois.length, numLeftOut]).toEqual([MOST_ROIS, 7]);
    expect(Math.min(...rois.loss)).toBe(8);
  });
});
