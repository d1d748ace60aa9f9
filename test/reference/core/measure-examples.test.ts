/** Classification against PyTorch: measure-examples.py wrote measure-examples.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { margins } from '../../../src/core/losses/example-scores.js';
import { measureExamples } from '../../../src/core/measure/measure-examples.js';

const reference = JSON.parse(readFileSync(new URL('measure-examples.json', import.meta.url), 'utf8')) as Record<
  'logits' | 'labels' | 'loss' | 'entropy' | 'el2n' | 'margin' | 'predicted',
  number[]
> & { numClasses: number };
const { numClasses, labels, logits } = reference;
const numExamples = labels.length;
const sizes = { width: new Int32Array(numExamples).fill(28), height: new Int32Array(numExamples).fill(20) };

function expectClose(received: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((value, i) =>
    expect(Math.abs(received[i] - value), `row ${i}: ${received[i]} against ${value}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(value)),
    ),
  );
}

describe('measureExamples agrees with PyTorch', () => {
  it('from logits', () => {
    const rois = measureExamples(
      { numExamples, numClasses, given: 'logits', scores: Float32Array.from(logits) },
      { labels: Int32Array.from(labels), ...sizes },
    );
    expectClose(rois.lossCls, reference.loss);
    expectClose(rois.entropy, reference.entropy);
    expectClose(rois.el2n, reference.el2n);
    expectClose(margins(rois), reference.margin);
    expect([...rois.predClass]).toEqual(reference.predicted);
  });

  it('from probabilities, as far as they tell', () => {
    const probabilities = Float32Array.from({ length: logits.length }, (_, i) => {
      const row = logits.slice(i - (i % numClasses), i - (i % numClasses) + numClasses);
      const max = Math.max(...row);
      return Math.exp(logits[i] - max) / row.reduce((sum, z) => sum + Math.exp(z - max), 0);
    });
    const rois = measureExamples(
      { numExamples, numClasses, given: 'probabilities', scores: probabilities },
      { labels: Int32Array.from(labels), ...sizes },
    );
    const floored = reference.loss.map((loss) => Math.min(loss, -Math.log(1e-12)));
    floored.forEach((loss, i) => expect(Math.abs(rois.lossCls[i] - loss)).toBeLessThan(1e-4));
    expectClose(rois.entropy, reference.entropy);
    expectClose(rois.el2n, reference.el2n);
  });
});
