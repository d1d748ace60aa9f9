/** What must be true after a kill, and after the call that follows it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
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
  const wholes = workload.before === undefined ? [] : [await contentsIn(start)];
  let names: readonly string[] = [];
  for (const args of [workload.early ?? [], workload.args]) {
    if (args.length === 0) continue;
    const folder = await fixture.copy(args === workload.early ? fixture.template : start);
    await succeed(fixture.ohem(folder, args));
    wholes.push(await contentsIn(folder));
    names = await readdir(folder, { recursive: true });
  }
  const old = workload.resumes ? null : await bytesOf(path.join(start, workload.out));
  return { workload, start, old, wholes, names: new Set(names) };
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
  const { workload, old, wholes, names } = prepared;
  const has = (file: string) => existsSync(path.join(folder, file));
  const out = path.join(folder, workload.out);
  const isOld = old !== null && (await bytesOf(out)) === old && !has(`${workload.out}/.ohem-ready`);
  const losses: string[] = [];
  if (!isOld) losses.push(...(await lossesInPlace(prepared, folder, calls)));
  else if (workload.kind === 'run' && has(`${workload.out}.part`))
    losses.push(...(await lostImages(prepared, `${out}.part`, `${workload.out}.part`, calls)));
  const args = workload.again({ has, isOld });
  const { status, stderr } = await fixture.ohem(folder, args);
  if (status !== 0) losses.push(`again, ${args.slice(-1)}: status ${status}: ${stderr.trim().split('\n').at(-1)}`);
  else if (JSON.stringify(await contentsOf(workload, out)) !== wholes.at(-1)) losses.push('again: other contents');
  const strange = (await readdir(folder, { recursive: true })).filter((n) => !names.has(n) && !LEFT_OVER.test(n));
  if (strange.length > 0) losses.push(`left over: ${strange.join(', ')}`);
  return losses;
}

/** The output is not the old one: it is a new one that is whole, or one that grows. */
async function lossesInPlace(
  prepared: Prepared,
  folder: string,
  calls: readonly Call[] | null,
): Promise<readonly string[]> {
  const { workload, old, wholes } = prepared;
  const out = path.join(folder, workload.out);
  const contents = await contentsOf(workload, out);
  if (wholes.includes(JSON.stringify(contents))) return [];
  if (old === null && workload.kind === 'run')
    return existsSync(out) ? lostImages(prepared, out, workload.out, calls) : [];
  // A training without a contract is no checkpoint yet: the call that follows puts the rest in place.
  if (workload.kind === 'training' && contents === null) {
    const isRecoverable = old === null || existsSync(path.join(out, '.ohem-ready'));
    return isRecoverable ? [] : ['the old training is gone'];
  }
  return ['neither the old output nor a whole one'];
}

/** Images that had been written, and are not there or not the same. */
async function lostImages(
  { workload, wholes }: Prepared,
  file: string,
  name: string,
  calls: readonly Call[] | null,
): Promise<string[]> {
  const whole = JSON.parse(wholes.at(-1) ?? '') as RunContents;
  // A new run's first write is the schema; the last call was not made.
  const written = (calls ?? []).slice(0, -1).filter(({ call, file: of }) => call === 'write' && of === name).length;
  const numBefore = workload.resumes ? (JSON.parse(wholes[0]) as RunContents).images.length : -1;
  const numWritten = Math.min(Math.max(0, numBefore + written), whole.images.length);
  const found = await runContents(file).catch(() => null);
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

/** What must come out again: a run's rows, a file's bytes, a training's weights; null: there is none. */
async function contentsOf({ kind }: Workload, out: string): Promise<unknown> {
  if (kind === 'run') return runContents(out).catch(() => null);
  if (kind === 'file') return bytesOf(out);
  if (!existsSync(path.join(out, 'checkpoint/ohem.json'))) return null;
  const files = ['ohem.json', 'body/weights.bin', 'head/weights.bin'];
  return Promise.all(files.map((file) => bytesOf(path.join(out, 'checkpoint', file))));
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
