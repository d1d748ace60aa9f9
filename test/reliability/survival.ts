/** What must be true after a kill, and after the call that follows it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { readDecisions } from '../../src/run/decisions/decisions.js';
import { withRun } from '../../src/run/file/read-run.js';
import type { Outcome } from '../built-cli.js';
import type { Fixture } from './fixture.js';
import type { Workload } from './workloads.js';

/** A workload that is ready to be killed, and what it does when it is not. */
export interface Prepared {
  readonly workload: Workload;
  /** Folder in which it begins. */
  readonly start: string;
  /** Bytes of the output that is to be replaced; null: there is none. */
  readonly old: string | null;
  /** Contents that may stand in the output, an old one's among them; the last is what an undisturbed call leaves. */
  readonly wholes: readonly string[];
  /** Names of the files that an undisturbed call leaves. */
  readonly names: ReadonlySet<string>;
}

/** A call that was made before a kill, as die-at-call.mjs lists it. */
export interface Call {
  readonly call: string;
  readonly file: string;
}

/** Written files that a kill may leave: they are in nobody's way and go after an hour. */
const LEFT_OVER = /(^|\/)\.ohem-\d+-[0-9a-f]{8}\.part$/;

export async function prepare(fixture: Fixture, workload: Workload): Promise<Prepared> {
  const start = await fixture.copy();
  if (workload.before !== undefined) await succeed(fixture.ohem(start, workload.before));
  const contentsIn = async (folder: string) =>
    JSON.stringify(await contentsOf(workload, path.join(folder, workload.out)));
  const undisturbed = async (from: string, args: readonly string[]) => {
    const folder = await fixture.copy(from);
    await succeed(fixture.ohem(folder, args));
    return folder;
  };
  const wholes = workload.before === undefined ? [] : [await contentsIn(start)];
  if (workload.early !== undefined) wholes.push(await contentsIn(await undisturbed(fixture.template, workload.early)));
  const end = await undisturbed(start, workload.args);
  wholes.push(await contentsIn(end));
  const old = workload.resumes ? null : await bytesOf(path.join(start, workload.out));
  return { workload, start, old, wholes, names: new Set(await readdir(end, { recursive: true })) };
}

async function succeed(outcome: Promise<Outcome>): Promise<void> {
  const { status, stderr } = await outcome;
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
}

/**
 * Looks at what a kill has left, calls again, and looks again.
 * @param calls what was done before the kill, the last of them perhaps not; null: not known.
 * @returns what is not as it must be; none: nothing was lost.
 */
export async function lossesAfterKill(
  fixture: Fixture,
  prepared: Prepared,
  folder: string,
  calls: readonly Call[] | null,
): Promise<string[]> {
  const { workload, old } = prepared;
  const has = (file: string) => existsSync(path.join(folder, file));
  const bytes = await bytesOf(path.join(folder, workload.out));
  const isOld = old !== null && bytes === old && !has(`${workload.out}/.ohem-ready`);
  const losses = isOld
    ? await lostImages(prepared, folder, `${workload.out}.part`, calls)
    : await lossesInPlace(prepared, folder, calls);
  return [...losses, ...(await lossesAgain(fixture, prepared, folder, workload.again({ has, isOld })))];
}

/** What the next call does not make good. */
async function lossesAgain(
  fixture: Fixture,
  { workload, wholes, names }: Prepared,
  folder: string,
  args: readonly string[],
): Promise<string[]> {
  const losses: string[] = [];
  const { status, stderr } = await fixture.ohem(folder, args);
  const contents = JSON.stringify(await contentsOf(workload, path.join(folder, workload.out)));
  if (status !== 0) losses.push(`again, ${args.slice(-1)}: status ${status}: ${stderr.trim().split('\n').at(-1)}`);
  else if (contents !== wholes.at(-1)) losses.push('again: other contents');
  const strange = (await readdir(folder, { recursive: true })).filter((n) => !names.has(n) && !LEFT_OVER.test(n));
  return strange.length > 0 ? [...losses, `left over: ${strange.join(', ')}`] : losses;
}

/** The output is not the old one: it is a new one that is whole, or one that grows. */
async function lossesInPlace(prepared: Prepared, folder: string, calls: readonly Call[] | null): Promise<string[]> {
  const { workload, old, wholes } = prepared;
  const out = path.join(folder, workload.out);
  const contents = await contentsOf(workload, out);
  if (wholes.includes(JSON.stringify(contents))) return [];
  if (old === null && workload.kind === 'run') return lostImages(prepared, folder, workload.out, calls);
  // A training without a contract is no checkpoint yet: the call that follows puts the rest in place.
  if (workload.kind === 'training' && contents === null) {
    const isRecoverable = old === null || existsSync(path.join(out, '.ohem-ready'));
    return isRecoverable ? [] : ['the old training is gone'];
  }
  return ['neither the old output nor a whole one'];
}

/** Images that had been written to a run that grows under `name`, and are not there or not the same. */
async function lostImages(
  { workload, wholes }: Prepared,
  folder: string,
  name: string,
  calls: readonly Call[] | null,
): Promise<string[]> {
  if (workload.kind !== 'run') return [];
  const whole = JSON.parse(wholes.at(-1) ?? '') as RunContents;
  // A new run's first write is the schema; the last call was not made.
  const written = (calls ?? []).slice(0, -1).filter(({ call, file: of }) => call === 'write' && of === name).length;
  const numBefore = workload.resumes ? (JSON.parse(wholes[0]) as RunContents).images.length : -1;
  const numWritten = Math.min(Math.max(0, numBefore + written), whole.images.length);
  const found = await runContents(path.join(folder, name)).catch(() => null);
  if (found === null) return numWritten > 0 ? [`${name} cannot be read`] : [];
  const losses = found.images.length < numWritten ? [`${numWritten - found.images.length} images are lost`] : [];
  const differ = found.images.some((image, i) => image !== whole.images[i]);
  return differ ? [...losses, 'an image differs'] : losses;
}

interface RunContents {
  readonly complete: boolean;
  /** Hashes of the record batches. */
  readonly images: readonly string[];
}

/** A run's rows, a file's bytes, a training's weights, decisions: what must come out again; null: there is none. */
async function contentsOf({ kind }: Workload, out: string): Promise<unknown> {
  if (kind === 'run') return runContents(out).catch(() => null);
  if (kind === 'file') return bytesOf(out);
  if (kind === 'decisions') return decisionsIn(out);
  if (!existsSync(path.join(out, 'checkpoint/ohem.json'))) return null;
  const files = ['ohem.json', 'body/weights.bin', 'head/weights.bin'];
  return Promise.all(files.map((file) => bytesOf(path.join(out, 'checkpoint', file))));
}

/** Without the times; with the file by which git merges them. */
async function decisionsIn(folder: string): Promise<unknown> {
  const { decisions, faults } = await readDecisions(folder.replace(/\.decisions$/, '.ohem'));
  if (decisions.length === 0 && faults.length === 0) return null;
  const attributes = await bytesOf(path.join(folder, '.gitattributes'));
  return { decisions: decisions.map((each) => ({ ...each, at: '' })), faults, attributes };
}

function runContents(file: string): Promise<RunContents> {
  return withRun(file, async (run) => {
    const images: string[] = [];
    for (let i = 0; i < run.images.length; i++) images.push(hashOf(await run.readImageBytes(i)));
    return { complete: run.complete, images };
  });
}

/** A hash over a file, or over all files in a folder that no lock or unfinished writing belongs to; null: none. */
export async function bytesOf(out: string): Promise<string | null> {
  const stats = await stat(out).catch(() => null);
  if (stats === null) return null;
  if (stats.isFile()) return hashOf(await readFile(out));
  const names = await readdir(out, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(out, path.join(entry.parentPath, entry.name)))
    .filter((name) => !/^(\.ohem-(next|ready)\/|running\.)/.test(name) && !LEFT_OVER.test(name));
  const hashes = await Promise.all(files.sort().map(async (name) => [name, await bytesOf(path.join(out, name))]));
  return hashOf(Buffer.from(JSON.stringify(hashes)));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
