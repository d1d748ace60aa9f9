/** The commands that read a run, as functions: what each answers, and whether it says that something is wrong. */
import { MiningError } from '../../src/core/mining-error.js';
import { writeSelection } from '../../src/run/export/export-selection.js';
import { extentOf, shortfallOf, withRun } from '../../src/run/file/read-run.js';
import { resumeRun } from '../../src/run/file/run-store.js';
import { checkRun } from '../../src/run/query/check-run.js';
import { summarise } from '../../src/run/query/summarise-run.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { Writable } from 'node:stream';

export interface Answer {
  /** Everything that the command would print. */
  readonly text: string;
  /** It ends with exit status 2, and says why. */
  readonly isTold: boolean;
}

export const READERS: Readonly<Record<'check' | 'show' | 'export', (file: string) => Promise<Answer>>> = {
  check: (file) =>
    answerOf(async () => {
      const checked = await checkRun(file);
      return {
        text: JSON.stringify(checked),
        isTold: !checked.complete || checked.isEndDamaged || checked.damaged.length > 0,
      };
    }),
  show: (file) =>
    answerOf(() =>
      withRun(file, async (run) => {
        const summaries = await summarise(run, run.manifest.mining);
        const text = JSON.stringify([run.manifest, extentOf(run), summaries]);
        return { text, isTold: shortfallOf(run).broken };
      }),
    ),
  export: (file) =>
    answerOf(async () => {
      const { mining } = await withRun(file, async ({ manifest }) => manifest);
      const texts: string[] = [];
      const sink = new Writable({
        decodeStrings: false,
        write(text: string, _, done) {
          texts.push(text);
          done();
        },
      });
      const { shortfall } = await writeSelection(
        file,
        { mining, backgroundBelow: 0.05, order: 'sum' as const, most: null },
        sink,
        'csv',
      );
      return { text: texts.join(''), isTold: shortfall.broken };
    }),
};

/** An error in our words ends a command; another is a fault of ours. */
async function answerOf(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MiningError) return { text: error.message, isTold: true };
    throw error;
  }
}

/** Images behind which `--resume` goes on; null: it refuses, and says why. */
export async function resumedImages(file: string, manifest: RunManifest): Promise<number | null> {
  try {
    const writer = await resumeRun(file, manifest);
    await writer.close();
    return writer.entries.length;
  } catch (error) {
    if (error instanceof MiningError) return null;
    throw error;
  }
}
