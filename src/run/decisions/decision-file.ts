/**
 * One author's decisions: a line of JSON each, sorted by what it is about, so that git shows and merges single
 * decisions. Each author has a file of their own; people whose names make the same file name share it, and keep their
 * own lines.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { latestDecisions, ownKeyOf, type Decision } from '../../core/triage/decisions.js';
import { lockFile, type Lock } from '../../files/lock.js';
import { readText } from '../../files/reading.js';
import { replaceFile } from '../../files/replacing.js';
import { check } from '../../protocol/check.js';
import { decision as decisionSchema } from '../../protocol/decisions.js';

/** A quarter of a million decisions. */
const MAX_FILE_BYTES = 1 << 26;
/** A line is longer where it is no decision. */
const MAX_LINE = 1 << 15;
/** A file with so many lines that are no decisions is something else. */
const MAX_FAULTS = 100;
/** Somebody else's write takes milliseconds. */
const LOCK_TRIES = 40;
const LOCK_WAIT_MS = 50;
/** Git heeds no lock: what it writes between reading and replacing is read again, so often. */
const WRITE_TRIES = 5;

export interface DecisionFile {
  readonly decisions: readonly Decision[];
  /** Lines that are no decisions, each with the reason. */
  readonly faults: readonly string[];
}

/** @throws MiningError 'options' where the file cannot be read or is too large; a file that is not there is empty. */
export async function readDecisionFile(path: string): Promise<DecisionFile> {
  return decisionsIn(await textOf(path), path);
}

function textOf(path: string): Promise<string> {
  return readText(path, MAX_FILE_BYTES).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    const received = phraseOf(error);
    throw new MiningError('options', 'decisions', 'a file that can be read', received, { file: path });
  });
}

function decisionsIn(text: string, path: string): DecisionFile {
  const decisions: Decision[] = [];
  const faults: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (faults.length === MAX_FAULTS) {
      faults.push(`${path}: from line ${i + 1} on nothing is read: too much is no decision`);
      break;
    }
    try {
      decisions.push(decisionOf(line, i + 1, path));
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { decisions, faults };
}

/** @param number of the line, from 1. */
function decisionOf(line: string, number: number, file: string): Decision {
  const where = said`line ${number}`;
  if (line.length > MAX_LINE)
    throw new MiningError('options', where, said`at most ${MAX_LINE} characters`, String(line.length), { file });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MiningError('options', where, 'a decision as JSON', 'something else', { file });
  }
  return check(decisionSchema, value, where, `${file}:${number}`);
}

/**
 * Replaces the file by what `change` makes of its decisions; the old one stays whole until the new one is on the disk.
 * @param change is called again where somebody who heeds no lock, such as git, has written meanwhile.
 * @throws MiningError 'options' where a line is no decision, which would be lost, or others keep writing the file.
 */
export async function changeDecisionFile(
  path: string,
  change: (decisions: readonly Decision[]) => readonly Decision[],
): Promise<void> {
  const lock = await lockSoon(path);
  try {
    let [before, now] = ['', await textOf(path)];
    for (let tries = 1; before !== now || tries === 1; tries++) {
      before = now;
      const text = changedText(before, path, change);
      await replaceFile({ path, force: true }, async (handle) => {
        await handle.writeFile(text);
        // Takes longest: after it there is next to no time for others.
        await handle.sync();
        now = await textOf(path);
        if (now !== before)
          throw new MiningError('options', 'decisions', 'a file that nobody writes', 'one that changes', {
            file: path,
          });
      }).catch((error: unknown) => {
        if (now === before || tries === WRITE_TRIES) throw error;
      });
    }
  } finally {
    lock.release();
  }
}

function changedText(
  text: string,
  path: string,
  change: (decisions: readonly Decision[]) => readonly Decision[],
): string {
  const { decisions, faults } = decisionsIn(text, path);
  if (faults[0] !== undefined) {
    const todo = 'Mend or remove the line: it would be lost';
    throw new MiningError('options', 'decisions', 'lines that are decisions', faults[0], { file: path, todo });
  }
  const lines = latestDecisions(change(decisions), ownKeyOf).map((each) => `${JSON.stringify(each)}\n`);
  return lines.join('');
}

/** Waits for another writer. @throws MiningError 'options' as `lockFile`, after two seconds. */
export async function lockSoon(path: string): Promise<Lock> {
  for (let tries = 1; ; tries++) {
    try {
      return await lockFile(path);
    } catch (error) {
      if (tries === LOCK_TRIES) throw error;
      await sleep(LOCK_WAIT_MS);
    }
  }
}
