import { allocateRoiTable, type RoiTable } from '../../src/core/tables.js';

/** mulberry32: enough randomness for a benchmark, the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * RoIs as a detector makes them: nine in ten crowd around 20 objects of all sizes, the rest lie anywhere.
 * Losses are heavy-tailed: most near 0, a few large.
 */
export function clusteredRois(numRois: number, seed: number): RoiTable {
  const random = seededRandom(seed);
  const rois = allocateRoiTable(numRois, 80, 'float32');
  const objects = Array.from({ length: 20 }, () => {
    const size = 16 * 2 ** (random() * 4.5);
    return [random() * 640, random() * 480, size * (0.6 + random()), size * (0.6 + random())] as const;
  });
  for (let i = 0; i < numRois; i++) {
    const near = random() < 0.9;
    const [cx, cy, w, h] = objects[Math.floor(random() * objects.length)] ?? [320, 240, 64, 64];
    const jitter = near ? 0.25 : 4;
    const x = cx + (random() - 0.5) * w * jitter;
    const y = cy + (random() - 0.5) * h * jitter;
    const width = w * Math.exp((random() - 0.5) * 0.6);
    const height = h * Math.exp((random() - 0.5) * 0.6);
    rois.x1[i] = x - width / 2;
    rois.y1[i] = y - height / 2;
    rois.x2[i] = x + width / 2;
    rois.y2[i] = y + height / 2;
    rois.gtClass[i] = near && random() < 0.3 ? 3 : 80;
    rois.lossCls[i] = (-Math.log(1 - random())) ** 3 * 0.2;
    rois.lossLoc[i] = random() * 0.5;
  }
  return rois;
}
