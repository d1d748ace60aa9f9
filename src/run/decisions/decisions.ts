/** The decisions beside a run: `NAME.decisions/AUTHOR.jsonl`, of everybody. They outlive the run, and a new one. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { latestDecisions, ownKeyOf, type Decision, type DecisionTarget } from '../../core/triage/decisions.js';
import { replaceFile } from '../../files/replacing.js';
import { check } from '../../protocol/check.js';
import { decision as decisionSchema, type DecisionChange } from '../../protocol/decisions.js';
import { changeDecisionFile, lockSoon, readDecisionFile } from './decision-file.js';

const SUFFIX = '.jsonl';
/** Authors of a run. */
const MAX_FILES = 200;
/** One author on two machines, too: git keeps the lines of both, and the later decision counts. */
const ATTRIBUTES = `*${SUFFIX} merge=union\n`;

export interface RunDecisions {
  /** The latest of each target, sorted by target. */
  readonly decisions: readonly Decision[];
  /** Files and lines that could not be read; the folder, too. */
  readonly faults: readonly string[];
}

/** The folder of a run's decisions; it need not exist. */
export function decisionsFolder(runPath: string): string {
  return join(dirname(runPath), `${basename(runPath, '.ohem')}.decisions`);
}

/** Decisions of all authors; of a run without any, none. */
export async function readDecisions(runPath: string): Promise<RunDecisions> {
  const folder = decisionsFolder(runPath);
  const decisions: Decision[] = [];
  const faults: string[] = [];
  const listed = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') faults.push(error.message);
    return [];
  });
  const names = listed.filter((name) => name.endsWith(SUFFIX)).sort();
  if (names.length > MAX_FILES) faults.push(`${folder}: ${names.length} files, ${MAX_FILES} are read`);
  for (const name of names.slice(0, MAX_FILES)) {
    try {
      const file = await readDecisionFile(join(folder, name));
      for (const each of file.decisions) decisions.push(each);
      for (const each of file.faults) faults.push(each);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { decisions: latestDecisions(decisions), faults };
}

/**
 * Writes decisions of one author, all of them or none; a kill costs none that stood before.
 * @param author as `authorOf` tells.
 * @param now ISO 8601, UTC.
 * @returns the changes that put the author's decisions back as they were.
 * @throws MiningError as `changeDecisionFile`; 'options' for what could not be read again (a box that is not finite, a
 * note above 2,000 characters), and where the folder cannot be made.
 */
export async function decide(
  runPath: string,
  author: string,
  changes: readonly DecisionChange[],
  now = new Date().toISOString(),
): Promise<readonly DecisionChange[]> {
  const folder = decisionsFolder(runPath);
  const back = new Map<string, DecisionChange>();
  await makeFolder(folder);
  await changeDecisionFile(join(folder, fileNameOf(author)), (decisions) => {
    back.clear();
    // A merge may have left two lines of one target: the later counts.
    const byKey = new Map(latestDecisions(decisions, ownKeyOf).map((each) => [ownKeyOf(each), each]));
    for (const { target, decision } of changes) {
      const key = ownKeyOf({ ...target, by: author });
      if (!back.has(key)) back.set(key, { target, decision: byKey.get(key) ?? null });
      if (decision === null) byKey.delete(key);
      else byKey.set(key, check(decisionSchema, decisionOf(target, decision, now, author), 'decision'));
    }
    return [...byKey.values()];
  });
  return [...back.values()];
}

/** Without what an old decision has beyond its verdict and note. */
function decisionOf(
  target: DecisionTarget,
  { verdict, note }: Pick<Decision, 'verdict' | 'note'>,
  at: string,
  by: string,
): Decision {
  const { image, object, roi } = target;
  return { image, ...(object && { object }), ...(roi && { roi }), verdict, note, at, by };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await makeAttributes(join(folder, '.gitattributes'));
  } catch (error) {
    const received = phraseOf(error);
    throw new MiningError('options', 'decisions', 'a folder that can be made', received, { file: folder });
  }
}

/** As a whole: half of it would stay for ever. Another process may be about it, too. */
async function makeAttributes(path: string): Promise<void> {
  const isThere = async () => (await stat(path).catch(() => null)) !== null;
  if (await isThere()) return;
  const lock = await lockSoon(path);
  try {
    if (!(await isThere())) await replaceFile({ path, force: true }, (handle) => handle.writeFile(ATTRIBUTES));
  } finally {
    lock.release();
  }
}

/** A file name on every system: letters, digits, dots and hyphens, no name of a device. */
function fileNameOf(author: string): string {
  const word = author
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  const isDevice = /^(con|prn|aux|nul|(com|lpt)[\d¹²³])$/.test(word);
  return `${isDevice ? `${word}-` : [...word].slice(0, 60).join('') || 'somebody'}${SUFFIX}`;
}
