import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { roiAlign } from '../../../src/core/boxes/roi-align.js';

interface Case {
  height: number;
  width: number;
  channels: number;
  pooledSize: number;
  samplingRatio: number;
  stride: number;
  features: number[];
  boxes: number[][];
  pooled: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('roi-align.json', import.meta.url), 'utf8')) as { cases: Case[] };

describe('RoIAlign as ONNX Runtime computes it', () => {
  test.each(cases)('$height x $width x $channels, P $pooledSize, ratio $samplingRatio', (c) => {
    const column = (i: number) => Float32Array.from(c.boxes, (box) => box[i]);
    const boxes = { x1: column(0), y1: column(1), x2: column(2), y2: column(3) };
    const options = { pooledSize: c.pooledSize, samplingRatio: c.samplingRatio, spatialScale: 1 / c.stride };
    const pooled = roiAlign(Float32Array.from(c.features), c.height, c.width, c.channels, boxes, options);
    expect(pooled.length).toBe(c.pooled.length);
    const worst = Math.max(...c.pooled.map((value, i) => Math.abs(value - pooled[i])));
    expect(worst).toBeLessThan(2e-6);
  });
});
