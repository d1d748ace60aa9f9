/** Damage anywhere in a finished run: each command that reads it gives the same numbers, or says what is wrong. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/seeded-random.js';
import { openRun } from '../../src/run/file/run-store.js';
import type { ByteRange } from '../../src/arrow/run-columns.js';
import type { RunReader } from '../../src/run/file/run-store.js';
import { CUT, FLIP, PAGE } from './damage.js';
import { figure } from './figures.js';
import { makeFixture, RUNS } from './fixture.js';
import type { Fixture } from './fixture.js';
import { READERS, resumedImages } from './readers.js';
import type { Answer } from './readers.js';
import { SEED, SIZES } from './sizes.js';

const LIMIT_MS = 3_600_000;
let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
}, LIMIT_MS);
afterAll(() => fixture.remove());

/** A finished run, and what its readers answer. */
interface Whole {
  readonly bytes: Buffer;
  readonly run: RunReader;
  readonly answers: readonly Answer[];
}

const COMMANDS = ['check', 'show', 'export'] as const;

async function open(file: string): Promise<Whole> {
  const run = await openRun(file);
  await run.close();
  const answers = await Promise.all(COMMANDS.map((command) => READERS[command](file)));
  return { bytes: await readFile(file), run, answers };
}

describe.each(RUNS)('a finished run: %s', (name) => {
  const counts = [
    [FLIP, SIZES.flips],
    [CUT, SIZES.cuts],
    [PAGE, SIZES.pages],
  ] as const;

  it.each(counts)('$name is never read as another run', { timeout: LIMIT_MS }, async (damage, count) => {
    const whole = await open(path.join(fixture.template, name));
    const random = seededRandom(SEED);
    const file = path.join(await fixture.copy(), name);
    const faults: string[] = [];
    let numTold = 0;
    for (let i = 0; i < count; i++) {
      const { bytes, where } = damage.make(whole.bytes, random);
      await writeFile(file, bytes);
      const { found, isTold } = await faultsOf(whole, file, bytes, i % SIZES.cliEvery === 0);
      if (isTold) numTold++;
      faults.push(...found.map((fault) => `${where}: ${fault}`));
    }
    const harmless = count - numTold;
    figure(
      `\`${name.replace('.ohem', '')}\` run, ${damage.name}`,
      `${count} files: ${numTold} named, ${harmless} read as they were, ${faults.length} undetected`,
    );
    expect(faults).toEqual([]);
  });

  /** What comes out wrong without a word. `isTold`: some command tells of damage. */
  async function faultsOf(whole: Whole, file: string, bytes: Buffer, withCli: boolean) {
    const answers = await Promise.all(COMMANDS.map((command) => READERS[command](file)));
    const found = COMMANDS.filter((_, i) => !answers[i].isTold && answers[i].text !== whole.answers[i].text).map(
      (command) => `${command} answers otherwise without a word`,
    );
    if (withCli)
      for (const [i, command] of COMMANDS.entries()) {
        const { status, stderr } = await fixture.cli.ohem(command, file);
        if (status !== (answers[i].isTold ? 2 : 0)) found.push(`ohem ${command}: status ${status}: ${stderr}`);
      }
    const kept = await resumedImages(file, whole.run.manifest);
    found.push(...faultsOfResume(whole, kept, bytes));
    return { found, isTold: answers.some(({ isTold }) => isTold) };
  }
});

/** A resume keeps no image that has changed, and cuts off none that is whole. */
function faultsOfResume({ run, bytes: before }: Whole, kept: number | null, bytes: Buffer): string[] {
  if (kept === null) return [];
  const isWhole = ({ start, end }: ByteRange) =>
    end <= bytes.length && before.compare(bytes, start, end, start, end) === 0;
  const numChanged = run.ranges.slice(0, kept).filter((range) => !isWhole(range)).length;
  const numCutOff = run.ranges.slice(kept).filter(isWhole).length;
  return [
    ...(numChanged > 0 ? [`resume goes on behind ${numChanged} changed images`] : []),
    ...(numCutOff > 0 ? [`resume cuts off ${numCutOff} whole images`] : []),
  ];
}
