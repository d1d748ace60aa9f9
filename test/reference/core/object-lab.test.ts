/** Label quality against cleanlab: object-lab.py wrote object-lab.json. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labelQuality, leastSimilarity, OBJECT_LAB } from '../../../src/core/triage/label-quality.js';
import { makeDetections, makeObjects, type FoundBox, type LabelledBox } from './coco-results.js';

type Scores = readonly (readonly (number | null)[])[];
const reference = JSON.parse(readFileSync(new URL('object-lab.json', import.meta.url), 'utf8')) as {
  images: { labels: LabelledBox[]; found: FoundBox[] }[];
  overlooked: Scores;
  badlyLocated: Scores;
  swapped: Scores;
  image: number[];
};

it('agrees with cleanlab on every box and image', () => {
  const images = reference.images.map(({ labels, found }) => [makeDetections(found), makeObjects(labels)] as const);
  const least = Math.min(...images.map(([found, gts]) => leastSimilarity(found, gts)));
  images.forEach(([found, gts], i) => {
    const quality = labelQuality(found, gts, least, OBJECT_LAB);
    for (const kind of ['overlooked', 'badlyLocated', 'swapped'] as const) {
      const expected = reference[kind][i];
      expect(quality[kind], `${kind} of image ${i}`).toHaveLength(expected.length);
      expected.forEach((score, row) => expectScore(quality[kind][row], score, `${kind} ${row} of image ${i}`));
    }
    expectScore(quality.image, reference.image[i], `image ${i}`);
  });
});

function expectScore(received: number, expected: number | null, what: string): void {
  if (expected === null) expect(received, what).toBeNaN();
  else expect(Math.abs(received - expected), what).toBeLessThan(1e-9);
}
