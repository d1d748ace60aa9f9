import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { presetConfig } from '../../../../src/core/mining/select.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';

const { vscode, watchers } = await vi.hoisted(async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  class Watcher {
    readonly created = new FakeEventEmitter<{ fsPath: string }>();
    readonly changed = new FakeEventEmitter<{ fsPath: string }>();
    readonly deleted = new FakeEventEmitter<{ fsPath: string }>();
    readonly onDidCreate = this.created.event;
    readonly onDidChange = this.changed.event;
    readonly onDidDelete = this.deleted.event;
    constructor(readonly pattern: unknown) {}
    dispose() {}
  }
  const watchers: Watcher[] = [];
  const vscode = {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    commands: { executeCommand: async () => undefined },
    RelativePattern: class {
      constructor(
        readonly base: { fsPath: string },
        readonly pattern: string,
      ) {}
    },
    workspace: {
      getWorkspaceFolder: ({ fsPath }: { fsPath: string }) => (fsPath.includes('outside') ? undefined : {}),
      onDidChangeWorkspaceFolders: () => ({ dispose() {} }),
      createFileSystemWatcher: (pattern: unknown) => {
        const watcher = new Watcher(pattern);
        watchers.push(watcher);
        return watcher;
      },
    },
  };
  return { vscode, watchers };
});
vi.mock('vscode', () => vscode);
const { Runs } = await import('../../../../src/host/run/runs.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => void (watchers.length = 0));

/** A run file of these images. */
async function runFile(name: string, images: readonly string[]): Promise<string> {
  const dumpPath = join(folder, `${name}.jsonl`);
  const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
  const lines = [header, ...images.map((image, label) => ({ image, label: label % 2, logits: [1, 0] }))];
  writeFileSync(dumpPath, lines.map((line) => JSON.stringify(line)).join('\n'));
  const outPath = join(folder, name);
  await importDump(
    { dumpPath, images: null, outPath, miningOf: (task) => presetConfig(task, 'top-b'), force: true },
    () => {},
  );
  return outPath;
}

async function openIn(path: string) {
  const engine = { call: async () => ({ runs: [path], truncated: false }) };
  const runs = new Runs(engine as never, folder);
  const run = await runs.open(path);
  const changes: string[] = [];
  run.onDidChange((change) => changes.push(change));
  const ids = () => run.images.map(({ id }) => id);
  return { runs, run, changes, ids };
}

describe('a run file that is replaced while it is open', () => {
  for (const [how, replace] of [
    ['import --force', (from: string, to: string) => renameSync(from, to)],
    ['git checkout', (from: string, to: string) => (rmSync(to), copyFileSync(from, to))],
  ] as const)
    it(`by ${how} is the new one in the panel that shows it`, async () => {
      const path = await runFile('open.ohem', ['old-1.png', 'old-2.png']);
      const { runs, run, ids, changes } = await openIn(path);
      const other = await runFile('other.ohem', ['new-1.png', 'new-2.png', 'new-3.png']);
      replace(other, path);
      // How a replaced file is told depends on the system: gone and there again.
      watchers[0]?.deleted.fire({ fsPath: path });
      watchers[0]?.created.fire({ fsPath: path });
      await vi.waitFor(() => expect(ids()).toEqual(['new-1.png', 'new-2.png', 'new-3.png']), 4000);
      expect(await runs.open(path)).toBe(run);
      expect(changes).toEqual(['reloaded']);
      expect(run.gaps.deleted).toBe(false);
    });

  it('is noticed when its bytes are asked for, before any watcher tells', async () => {
    const path = await runFile('open.ohem', ['old.png']);
    const { run, ids } = await openIn(path);
    renameSync(await runFile('other.ohem', ['new-1.png', 'new-2.png']), path);
    await expect(run.readImageBytes(0)).rejects.toThrow(/another that has taken its name/);
    expect(ids()).toEqual(['new-1.png', 'new-2.png']);
    expect((await run.readImageBytes(0)).length).toBeGreaterThan(0);
  });

  it('is another run even where it was made in the same millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const path = await runFile('open.ohem', ['old.png']);
    const { run, changes } = await openIn(path);
    renameSync(await runFile('other.ohem', ['new.png']), path);
    vi.useRealTimers();
    await run.reload();
    expect(changes).toEqual(['reloaded']);
  });
});

describe('a run file that is deleted', () => {
  it('leaves the panel what was read, says so, and is known again when it is back', async () => {
    const path = await runFile('open.ohem', ['a.png']);
    const kept = join(folder, 'kept');
    const { runs, run, changes } = await openIn(path);
    expect(await runs.paths()).toEqual([path]);
    renameSync(path, kept);
    watchers[0]?.deleted.fire({ fsPath: path });
    await vi.waitFor(() => expect(run.gaps.deleted).toBe(true), 4000);
    expect(changes).toEqual(['deleted']);
    expect(await runs.paths()).toEqual([]);
    await expect(runs.open(path)).rejects.toThrow();
    copyFileSync(kept, path);
    watchers[0]?.created.fire({ fsPath: path });
    await vi.waitFor(() => expect(run.gaps.deleted).toBe(false), 4000);
    expect(await runs.paths()).toEqual([path]);
  });
});

it('a run outside of the workspace is watched, too', async () => {
  const path = await runFile('outside.ohem', ['a.png']);
  const { run } = await openIn(path);
  const own = watchers.at(-1);
  expect(own?.pattern).toMatchObject({ base: { fsPath: folder }, pattern: '*.ohem' });
  rmSync(path);
  own?.deleted.fire({ fsPath: path });
  await vi.waitFor(() => expect(run.gaps.deleted).toBe(true), 4000);
});
