/** First half of making the sample: pictures, annotations, README. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NUM_SAMPLE_IMAGES, writeSampleImages } from './make-scenes.js';
import { sampleReadme } from './sample-readme.js';

/** Writes images, instances.json and README.md into `folder`. */
export async function renderSample(folder: string, seed: number, say: (line: string) => void): Promise<void> {
  const mistakes = await writeSampleImages(folder, seed);
  await writeFile(join(folder, 'README.md'), sampleReadme(seed, mistakes));
  say(`${NUM_SAMPLE_IMAGES} images, ${mistakes.length} planted mistakes in ${folder}`);
}
