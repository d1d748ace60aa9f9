/**
 * A frozen body whose RoIs stay: what the head sees of each is computed once and kept in half precision, so that a
 * step is little more than the head's matrix products.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fromHalfFloats, toHalfFloats } from '../core/half-float.js';
import { MiningError } from '../core/mining-error.js';
import type { Boxes } from '../core/tables.js';
import { knownGts, lookOnce, Sights, type BodySight } from './body.js';
import type { TrainingImage } from './minibatch.js';
import type { NetworkSpec } from './network/network-spec.js';
import { poolingOf } from './network/roi-heads.js';
import { poolRois, type Pool } from './pool-rois.js';
import type { Propose } from './proposal-source.js';
import { withGroundTruth } from './targets.js';

/** What `toHalfFloats` makes of numbers that are too large. */
const INFINITE = [0x7c00, 0xfc00];

/** One image: its RoIs, proposals then ground truth, and P * P * F half-precision numbers of each. */
interface PooledImage {
  readonly boxes: Boxes;
  readonly halves: Uint16Array;
}

/**
 * @param maxBytes of pooled features that are kept; those of further images are computed each time, to the same halves.
 * What it returns throws MiningError 'mining' where a feature is beyond half precision.
 * Cost: the body and all RoIs of an image at its first sight; then one look-up a number.
 */
export function pooledBody(body: LayersModel, spec: NetworkSpec, propose: Propose, maxBytes: number): BodySight {
  const sights = new Sights(
    (image) => pooledOnce(body, spec, propose, image),
    ({ halves }) => halves.byteLength,
    maxBytes,
  );
  return {
    see(batch) {
      const seen = sights.of(batch);
      return { pool: poolKept(seen, spec), boxes: seen.map(({ boxes }) => boxes), losses: null };
    },
    dispose: () => void sights.clear(),
  };
}

function pooledOnce(body: LayersModel, spec: NetworkSpec, propose: Propose, image: TrainingImage): PooledImage {
  const { features, boxes: proposals } = lookOnce(body, spec, propose, image);
  const boxes = withGroundTruth(proposals, knownGts(image.gts));
  const pooled = tf.tidy(() => poolRois(features, [boxes], poolingOf(spec)));
  const halves = toHalfFloats(pooled.dataSync() as Float32Array);
  tf.dispose([features, pooled]);
  if (INFINITE.some((half) => halves.includes(half))) throw tooLarge();
  return { boxes, halves };
}

/** Such RoIs would have no loss: nothing would learn from them, without a word. */
function tooLarge(): MiningError {
  const expected = 'finite features, of 65504 at most in half precision';
  return new MiningError('mining', 'pooled features', expected, 'larger ones', { todo: 'Set keepPooled: false' });
}

function poolKept(images: readonly PooledImage[], { pooledSize, features }: NetworkSpec): Pool {
  const each = pooledSize * pooledSize * features;
  return (rows) => {
    const parts = rows === null ? images.map(({ halves }) => halves) : halvesOfRows(images, rows, each);
    const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(fromHalfFloats(part), at);
      at += part.length;
    }
    return tf.tensor4d(values, [values.length / each, pooledSize, pooledSize, features]);
  };
}

/** @param rows ascending, counted over the images. */
function halvesOfRows(images: readonly PooledImage[], rows: Int32Array, each: number): Uint16Array[] {
  let [image, start] = [0, 0];
  return Array.from(rows, (row) => {
    while (row - start >= images[image].boxes.x1.length) start += images[image++].boxes.x1.length;
    return images[image].halves.subarray((row - start) * each, (row - start + 1) * each);
  });
}
