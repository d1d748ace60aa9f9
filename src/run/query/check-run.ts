/** Is a run as it was written, and what of it can be kept? */
import type { RunImage } from '../../arrow/encode-run.js';
import { decideRun, tryReadImage, withRun } from '../file/read-run.js';
import { RunOutput } from '../file/run-output.js';
import type { RunReader } from '../file/run-store.js';
import type { RunCheck, Salvaged } from '../../core/facts/run-check.js';
import { numExpected } from '../../core/facts/run-manifest.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';

/**
 * Reads every byte of a run.
 * @throws MiningError 'run-file' when it is none, or its first bytes, which tell of all others, are damaged.
 * Cost: reads every RoI once.
 */
export function checkRun(path: string): Promise<RunCheck> {
  return withRun(path, async (run) => {
    for (const [i, listed] of run.images.entries()) {
      const image = await tryReadImage(run, i);
      if (image !== null && !isListed(image, listed)) run.damage.set(i, 'the index tells something else of it');
    }
    const { images, complete, isEndWhole, sealed, manifest, damage } = run;
    return {
      numImages: images.length,
      numInDataset: Math.max(numExpected(manifest.dataset), images.length),
      complete,
      isEndDamaged: complete && !isEndWhole,
      sealed,
      damaged: [...damage]
        .sort(([a], [b]) => a - b)
        .map(([imageIndex, reason]) => ({ imageIndex, id: images.at(imageIndex)?.id ?? '', reason })),
    };
  });
}

function isListed({ summary }: RunImage, listed: ImageSummary): boolean {
  return (Object.keys(summary) as (keyof ImageSummary)[]).every((key) => Object.is(summary[key], listed[key]));
}

/**
 * Writes the whole images of a run into a new one, with checksums; where one is damaged, its minibatch is left out, so
 * that the others are decided as they were. `ohem mine --resume` measures the missing images.
 * @param target where to; it may replace an old run, but not the one that is read.
 * @returns images of the new run, and how many are missing.
 * @throws MiningError as `checkRun` and `RunOutput.claim`.
 */
export function salvageRun(
  path: string,
  target: { readonly outPath: string; readonly force: boolean },
): Promise<Salvaged> {
  return withRun(path, async (run) => {
    const output = await RunOutput.claim({ ...target, resume: false, inputs: [path] });
    try {
      const numKept = await copyWhole(run, output);
      return { numKept, numLost: run.images.length - numKept };
    } finally {
      output.release();
    }
  });
}

async function copyWhole(run: RunReader, output: RunOutput): Promise<number> {
  const { manifest } = run;
  const writer = await output.create({ ...manifest, notes: [...manifest.notes, `salvaged from ${run.path}`] });
  try {
    for await (const { images, firstImage } of decideRun(run, manifest.mining)) {
      if (images.some((_, i) => run.damage.has(firstImage + i))) continue;
      for (const image of images) writer.take(image);
      if (writer.isFull) await writer.write();
    }
    await writer.write();
    await output.finish(writer, true);
    return writer.entries.length;
  } finally {
    await writer.close();
  }
}
