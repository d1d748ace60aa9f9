import { decodeImage } from '../../arrow/decode-run.js';
import type { RunImage } from '../../arrow/encode-run.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { DecidedBatch } from './minibatch.js';
import { decideBatch, decisionSize } from './minibatch.js';
import { runFileError } from './run-file-error.js';
import { openRun } from './run-store.js';
import type { RunReader } from './run-store.js';

/** A minibatch of a run and the place of its first image in the file. */
export interface RunBatch extends DecidedBatch {
  readonly firstImage: number;
}

/**
 * Reads a run from its first to its last image and decides every minibatch by `mining`; one minibatch is in memory.
 * @throws MiningError 'run-file'
 */
export async function* decideRun(run: RunReader, mining: MiningConfig): AsyncGenerator<RunBatch> {
  const size = decisionSize(mining);
  for (let firstImage = 0; firstImage < run.images.length; firstImage += size) {
    const images: RunImage[] = [];
    for (let i = firstImage; i < Math.min(firstImage + size, run.images.length); i++)
      images.push(await readImage(run, i));
    yield { firstImage, ...decideBatch(images, mining) };
  }
}

/** Opens a run, hands it to `use` and closes it, whatever happens. @throws MiningError 'run-file' */
export async function withRun<T>(path: string, use: (run: RunReader) => Promise<T>): Promise<T> {
  const run = await openRun(path);
  try {
    return await use(run);
  } finally {
    await run.close();
  }
}

/** One image of a run. @throws MiningError 'run-file' */
export async function readImage(run: RunReader, imageIndex: number): Promise<RunImage> {
  const bytes = await run.readImageBytes(imageIndex);
  try {
    return decodeImage(run.schemaBytes, bytes);
  } catch (error) {
    throw runFileError(error, run.path, `image ${imageIndex}`, 'an image');
  }
}
