/** Averaged features and their cosines against numpy over what ONNX Runtime pooled: similar.py wrote similar.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { averageAt } from '../../../src/checkpoint/families/features.js';
import { cosines, normalise } from '../../../src/core/triage/similarity.js';

interface Case {
  height: number;
  width: number;
  channels: number;
  pooledSize: number;
  samplingRatio: number;
  stride: number;
  features: number[];
  boxes: number[][];
}
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { cases } = read('roi-align.json') as { cases: Case[] };
const expected = (read('similar.json') as { cosines_with_the_first_box: (number | null)[][] })
  .cosines_with_the_first_box;

describe('similarity as numpy computes it', () => {
  it.each(cases.map((given, i) => [given, expected[i] ?? []] as const))('case %#', (given, cosinesOfNumpy) => {
    const column = (i: number) => Float32Array.from(given.boxes, (box) => box[i] ?? NaN);
    const boxes = { x1: column(0), y1: column(1), x2: column(2), y2: column(3) };
    const { width, height, channels, stride, pooledSize, samplingRatio } = given;
    const [inputWidth, inputHeight] = [width * stride, height * stride];
    const asItIs = { left: 0, top: 0, scaleX: 1, scaleY: 1, widthPx: inputWidth, heightPx: inputHeight };
    const map = { width, height, channels, data: Float32Array.from(given.features) };
    const place = { ...asItIs, inputWidth, inputHeight };
    const { size, data } = averageAt(map, boxes, place, pooledSize * samplingRatio);
    expect(size).toBe(channels);
    const found = cosines(normalise(data, size), data.subarray(0, size));
    expect(found).toHaveLength(given.boxes.length);
    found.forEach((cosine, row) => {
      const reference = cosinesOfNumpy[row];
      if (typeof reference === 'number') expect(cosine).toBeCloseTo(reference, 4);
      else expect(cosine).toBeNaN();
    });
  });
});
