/** Made-up looks of three checkpoints at the objects of a data set: most are learnt, some forgotten, a few missed. */
import { seededRandom, type SeededRandom } from '../../src/core/seeded-random.js';
import type { LookObservations, Looks } from '../../src/run/query/observed-runs.js';

const CLASSES = ['bolt', 'nut', 'washer', 'spring', 'clip'];
const PER_IMAGE = 8;

export function syntheticLooks(numImages: number): Looks {
  const random = seededRandom(7);
  const count = numImages * PER_IMAGE;
  const label = Int32Array.from({ length: count }, () => random.below(CLASSES.length));
  const hardness = Float64Array.from({ length: count }, random.next);
  return {
    classes: CLASSES,
    isDetection: true,
    image: Array.from(
      { length: count },
      (_, e) => `shelf/parts-${String(Math.floor(e / PER_IMAGE)).padStart(4, '0')}.jpg`,
    ),
    gtIndex: Int32Array.from({ length: count }, (_, e) => e % PER_IMAGE),
    label,
    observations: [0.35, 0.2, 0.1].map((share) => lookOf(hardness, share, random)),
    numLeftOut: 0,
    numLooks: 3,
  };
}

/** @param share of the objects that are not known. */
function lookOf(hardness: Float64Array, share: number, random: SeededRandom): LookObservations {
  const margin = hardness.map((hard) => (1 - share - hard) * 8 + (random.next() - 0.5) * 3);
  const isMissed = hardness.map(() => Number(random.next() < 0.02));
  const known = (value: number, e: number) => (isMissed[e] === 1 ? Number.NaN : value);
  return {
    margin: margin.map(known),
    learned: Uint8Array.from(margin, (value, e) => Number(value > 0 && isMissed[e] === 0)),
    loss: margin.map((value, e) => known(Math.log1p(Math.exp(-value)) + random.next() * 0.2, e)),
    row: Int32Array.from(margin, (_, e) => (isMissed[e] === 1 ? -1 : e)),
    imageIndex: Int32Array.from(margin, (_, e) => Math.floor(e / PER_IMAGE)),
  };
}
