import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import { writeLargeRun } from '../../run/large-run.js';
import type { ImageList } from '../../../../src/core/facts/image-list.js';
import type { ImageSummary, RunManifest } from '../../../../src/core/facts/run-manifest.js';

vi.mock('vscode', async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return { EventEmitter: FakeEventEmitter, Uri: FakeUri };
});
const { Run } = await import('../../../../src/host/run/run.js');
const { checkRun } = await import('../../../../src/host/run/run-actions.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'run.ohem');
writeFileSync(file, 'SSSS');

const manifest = { createdAt: 'then', mining: DEFAULT_CONFIG, dataset: { numImages: 4 } } as unknown as RunManifest;
const summary = (id: string, lossSum = 0) => ({ id, lossSum, error: '' }) as ImageSummary;

async function runOf(numImages: number) {
  const run = await Run.begin({ event: 'opened', manifest, outPath: file, growsAt: file, schemaEnd: 4 });
  const add = (i: number) =>
    run.addImage({ event: 'image', imageIndex: i, start: 4, end: 4, summary: summary(`own ${i}`, i) });
  for (let i = 0; i < numImages; i++) add(i);
  return { run, add };
}
const minedOf = (lossSum: readonly number[]) => ({
  numImages: lossSum.length,
  numbers: { lossSum: Float64Array.from(lossSum) },
  errors: new Map<number, string>(),
});
const lossesOf = ({ images }: { images: ImageList }) => images.map(({ lossSum }) => lossSum);

/** What a run tells of itself from now on. */
function changesOf(run: Pick<Awaited<ReturnType<typeof Run.open>>, 'onDidChange'>): string[] {
  const heard: string[] = [];
  run.onDidChange((change) => heard.push(change));
  return heard;
}

describe('the summaries of a run', () => {
  it('are those of another configuration as far as it was asked, then the run’s own', async () => {
    const { run, add } = await runOf(3);
    run.setDerived({ ...DEFAULT_CONFIG, batchSize: 1 }, minedOf([9, 0]));
    expect(lossesOf(run)).toEqual([9, 0, 2]);
    expect([...run.order('sum')]).toEqual([0, 2, 1]);
    add(3);
    expect(lossesOf(run)).toEqual([9, 0, 2, 3]);
    run.setDerived(DEFAULT_CONFIG, null);
    expect(lossesOf(run)).toEqual([0, 1, 2, 3]);
  });

  it('are no copy: a tree of 118,000 images reads them line by line', async () => {
    const { run } = await runOf(3);
    expect(run.images).toBe(run.images);
    run.setDerived(DEFAULT_CONFIG, minedOf([0]));
    expect(run.images).toBe(run.images);
  });
});

describe('a run that replaces another', () => {
  it('is read beside it while it grows, and under its name when it is done', async () => {
    const name = join(folder, 'replaced.ohem');
    writeFileSync(name, 'OLD OLD OLD');
    const growsAt = `${name}.part`;
    writeFileSync(growsAt, 'SSSSnew!');
    const run = await Run.begin({ event: 'opened', manifest, outPath: name, growsAt, schemaEnd: 4 });
    run.addImage({ event: 'image', imageIndex: 0, start: 4, end: 8, summary: summary('new') });
    const text = async () => new TextDecoder().decode(await run.readImageBytes(0));
    expect(await text()).toBe('new!');
    renameSync(growsAt, name);
    expect(await text()).toBe('new!');
    writeFileSync(growsAt, 'SSSSlate');
    expect(await text()).toBe('new!');
  });
});

describe('images that have changed on the disk', () => {
  it('are told with the gaps of the run, and once', async () => {
    const { run } = await runOf(4);
    const heard = changesOf(run);
    run.setChangedImages([]);
    run.setChangedImages([3, 1]);
    expect(run.gaps.changed).toEqual([1, 3]);
    expect([0, 1].map((place) => run.hasChanged(place))).toEqual([false, true]);
    run.setChangedImages([]);
    expect(run.gaps.changed).toEqual([]);
    expect(heard).toEqual(['outdated', 'outdated']);
  });

  it('are none of a run that is mined anew in its place', async () => {
    const { run } = await runOf(3);
    run.setChangedImages([1]);
    await run.restart({ event: 'opened', manifest, outPath: file, growsAt: file, schemaEnd: 4 }, false);
    expect([run.gaps.changed, run.hasChanged(1)]).toEqual([[], false]);
  });
});

describe('a run of which only what is looked at is read', () => {
  it('goes on where its index is damaged, once a check has told', async () => {
    const name = join(folder, 'large.ohem');
    const expected = await writeLargeRun(name, 1200);
    const bytes = readFileSync(name);
    // A page of the second column, the paths, which stand behind the ids.
    bytes[bytes.length - 2_000_000] ^= 1;
    writeFileSync(name, bytes);
    const run = await Run.open(name);
    expect([run.isLazy, run.numImages]).toEqual([true, 1200]);
    expect([...run.order('sum').subarray(0, 2)]).toHaveLength(2);
    expect(() => [...run.images]).toThrow(/an index as it was written.*ohem salvage/);
    const heard = changesOf(run);
    const check = { numImages: 1200, complete: true, isEndDamaged: true, damaged: [] };
    await checkRun({ call: async () => check } as unknown as EngineService, run);
    expect([run.isLazy, run.complete, heard]).toEqual([false, true, ['reloaded']]);
    expect(run.images.length).toBe(expected.length);
    run.dispose();
  });

  it('shows the file that it opened until another of its name is read, and lets go of it then', async () => {
    const name = join(folder, 'replaced.ohem');
    const expected = await writeLargeRun(name, 1200);
    const run = await Run.open(name);
    const before = run.images.slice(0, 3);
    const old = run.images;
    await writeLargeRun(`${name}.part`, 1300);
    renameSync(`${name}.part`, name);
    expect(run.images.at(700)).toEqual(expected[700]);
    run.setDerived({ ...DEFAULT_CONFIG, batchSize: 1 }, minedOf([9, 0]));
    const seen: number[] = [];
    run.onDidChange(() => seen.push([...run.order('sum')].length, run.images.slice(0, 3).length));
    await run.reload();
    expect(seen).toEqual([1300, 3]);
    expect(before).toEqual(expected.slice(0, 3));
    expect(() => old.at(1100)).toThrow(/is closed/);
    run.dispose();
    expect(() => run.images.at(1250)).toThrow(/is closed/);
  });

  it('says that it was cut while it was open, and never shows what was not written', async () => {
    const name = join(folder, 'cut-in-place.ohem');
    const expected = await writeLargeRun(name, 1200);
    const run = await Run.open(name);
    const index = readFileSync(name).length - 4_900_000;
    truncateSync(name, index);
    expect(() => [...run.images]).toThrow(/run-file: byte \d+: .*ohem salvage/);
    truncateSync(name, index + 5_000_000);
    expect(() => [...run.images]).toThrow(/run-file: byte \d+: .*ohem salvage/);
    expect(run.images.length).toBe(expected.length);
    run.dispose();
  });

  it('is read again without a change where it is the same', async () => {
    const name = join(folder, 'same.ohem');
    const expected = await writeLargeRun(name, 1200);
    const run = await Run.open(name);
    const heard = changesOf(run);
    await run.reload();
    expect(heard).toEqual(['images']);
    expect([...run.images]).toEqual(expected);
    run.dispose();
  });
});
