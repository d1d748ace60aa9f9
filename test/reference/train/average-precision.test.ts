import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allocateGtTable, allocateRoiTable } from '../../../src/core/tables.js';
import { averagePrecision, meanAp, type ImageDetections } from '../../../src/train/evaluate/average-precision.js';
import { COCO_THRESHOLDS, cocoAveragePrecision } from '../../../src/train/evaluate/coco-average-precision.js';

type Box = [number, number, number, number];
interface Case {
  name: string;
  images: { truth: [number, Box, boolean][]; found: [number, number, Box][] }[];
  coco: { map: number; map50: number; map75: number; by_class: (number | null)[][] };
  voc07: (number | null)[];
  voc10: (number | null)[];
}
const { cases, num_classes: K } = JSON.parse(
  readFileSync(new URL('average-precision.json', import.meta.url), 'utf8'),
) as { cases: Case[]; num_classes: number };

function detections({ images }: Case, flag: 'isCrowd' | 'isDifficult'): ImageDetections[] {
  return images.map(({ truth, found }) => {
    const rois = allocateRoiTable(found.length, K, 'float64');
    found.forEach(([label, score, box], row) => {
      [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] = box;
      rois.score[row] = score;
      rois.predClass[row] = label;
    });
    const gts = allocateGtTable(truth.length);
    truth.forEach(([label, box, isMarked], g) => {
      [gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]] = box;
      gts.gtClass[g] = label;
      gts[flag][g] = isMarked ? 1 : 0;
    });
    return { rois, rows: Int32Array.from(found.keys()), gts };
  });
}

describe.each(cases)('$name', (c) => {
  test('COCO, as pycocotools', () => {
    const images = detections(c, 'isCrowd');
    const byThreshold = COCO_THRESHOLDS.map((threshold) => cocoAveragePrecision(images, K, threshold));
    byThreshold.forEach((aps, t) =>
      aps.forEach((ap, k) =>
        c.coco.by_class[k][t] === null ? expect(ap).toBeNaN() : expect(ap).toBeCloseTo(c.coco.by_class[k][t], 9),
      ),
    );
    expect(meanAp(Float64Array.from(byThreshold, meanAp))).toBeCloseTo(c.coco.map, 9);
    expect(meanAp(byThreshold[0])).toBeCloseTo(c.coco.map50, 9);
    expect(meanAp(byThreshold[5])).toBeCloseTo(c.coco.map75, 9);
  });

  test('VOC 2007 and 2010', () => {
    const images = detections(c, 'isDifficult');
    averagePrecision(images, K, 0.5, '11-points').forEach((ap, k) => expect(ap).toBeCloseTo(c.voc07[k] ?? NaN, 9));
    averagePrecision(images, K, 0.5).forEach((ap, k) => expect(ap).toBeCloseTo(c.voc10[k] ?? NaN, 9));
  });
});
