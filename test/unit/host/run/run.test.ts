import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../../../../src/core/facts/run-manifest.js';

vi.mock('vscode', async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return { EventEmitter: FakeEventEmitter, Uri: FakeUri };
});
const { Run } = await import('../../../../src/host/run/run.js');

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
const idsOf = ({ images }: { images: readonly ImageSummary[] }) => images.map(({ id }) => id);

describe('the summaries of a run', () => {
  it('are those of another configuration as far as it was asked, then the run’s own', async () => {
    const { run, add } = await runOf(3);
    run.setDerived({ ...DEFAULT_CONFIG, batchSize: 1 }, [summary('other 0', 9), summary('other 1')]);
    expect(idsOf(run)).toEqual(['other 0', 'other 1', 'own 2']);
    expect([...run.order('sum')]).toEqual([0, 2, 1]);
    add(3);
    expect(idsOf(run)).toEqual(['other 0', 'other 1', 'own 2', 'own 3']);
    run.setDerived(DEFAULT_CONFIG, null);
    expect(idsOf(run)).toEqual(['own 0', 'own 1', 'own 2', 'own 3']);
  });

  it('are no copy: a tree of 118,000 images reads them line by line', async () => {
    const { run } = await runOf(3);
    expect(run.images).toBe(run.images);
    run.setDerived(DEFAULT_CONFIG, [summary('other 0')]);
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
    const heard: string[] = [];
    run.onDidChange((change) => heard.push(change));
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
