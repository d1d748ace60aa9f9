import { decodeImage } from '../../../src/arrow/decode-run.js';
import type { RunImage } from '../../../src/arrow/encode-run.js';
import type { RunManifest } from '../../../src/core/facts/run-manifest.js';
import { openRun } from '../../../src/run/file/run-store.js';

/** Everything that is in a run file. */
export async function readAll(path: string): Promise<{ manifest: RunManifest; complete: boolean; images: RunImage[] }> {
  const run = await openRun(path);
  try {
    const images: RunImage[] = [];
    for (let i = 0; i < run.images.length; i++)
      images.push(decodeImage(run.schemaBytes, await run.readImageBytes(i), run.rowOf(i)));
    return { manifest: run.manifest, complete: run.complete, images };
  } finally {
    await run.close();
  }
}
