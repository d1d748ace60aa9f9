/** The shared digit classifiers on the shared digits: exactly the errors that their SOURCE.md files count. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src/checkpoint/open-model.js';
import type { RgbImage } from '../../../src/core/graph.js';
import { startEngine } from '../../../src/engine/registry.js';

const SHARED = resolve('../shared');
const DIGITS = join(SHARED, 'data/mnist-a');
const reason = existsSync(DIGITS) && existsSync(join(SHARED, 'checkpoints')) ? '' : `${SHARED} is not there`;
if (reason !== '') console.log(`skipped: digit classifiers: ${reason}`);

async function readImage(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

describe.skipIf(reason !== '')('digit classifiers', () => {
  const images: RgbImage[] = [];
  const labels: number[] = [];
  beforeAll(async () => {
    for (let digit = 0; digit < 10; digit++) {
      const folder = join(DIGITS, String(digit));
      for (const name of readdirSync(folder).filter((file) => file.endsWith('.png'))) {
        images.push(await readImage(join(folder, name)));
        labels.push(digit);
      }
    }
  });

  it.each([
    { path: 'digits-cnn-tfjs', numWrong: 5, given: 'probabilities', scaled: '0..1' },
    { path: 'digits-mlp-tfjs', numWrong: 21, given: 'probabilities', scaled: '0..1' },
    // Counted by ONNX Runtime in Python too; SOURCE.md has 98.91 % on all 10,000.
    {
      path: 'mnist-onnx/mnist.onnx',
      numWrong: 5,
      given: 'logits',
      scaled: '0..255, as the network is documented, though 0..1 fits',
    },
  ])('$path gets $numWrong of 400 wrong', async ({ path, numWrong, given, scaled }) => {
    const files = await openModel(join(SHARED, 'checkpoints', path), 'classification');
    const { engine } = await startEngine(files.format, null);
    const bound = await files.open((file, format) => engine.loadGraph(file, format));
    const some = images.flatMap((_, i) => (i % 12 === 0 ? [i] : []));
    const classifier = await bound.settle(
      some.map((i) => images[i]),
      Int32Array.from(some, (i) => labels[i]),
    );
    expect(classifier).toMatchObject({
      numClasses: 10,
      inputWidth: 28,
      inputHeight: 28,
      scoreForm: { activation: 'softmax', given },
    });
    expect(classifier.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(classifier.notes.join('; ')).toContain(`pixels are scaled to ${scaled}`);
    const scores = await classifier.classify(images);
    const wrong = labels.filter((label, i) => {
      const row = [...scores.subarray(i * 10, i * 10 + 10)];
      return row.indexOf(Math.max(...row)) !== label;
    });
    expect(wrong).toHaveLength(numWrong);
    classifier.dispose();
    await engine.dispose();
  });
});
