/** What the view's lines say beside their names: nothing that every line repeats. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { presetConfig } from '../../../../src/core/mining/select.js';
import type { MiningConfig } from '../../../../src/core/mining/mining-options.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';

const vscode = await vi.hoisted(async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    TreeItem: class {
      constructor(
        readonly label: string,
        readonly collapsibleState?: number,
      ) {}
    },
    ThemeIcon: class {
      constructor(readonly id: string) {}
    },
    ThemeColor: class {
      constructor(readonly id: string) {}
    },
    TreeItemCollapsibleState: { Collapsed: 1, Expanded: 2 },
    l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
    workspace: {
      asRelativePath: (path: string) => path,
      getConfiguration: () => ({ get: () => undefined, inspect: () => undefined }),
    },
  };
});
vi.mock('vscode', () => vscode);
const { ImageTree } = await import('../../../../src/host/run/image-tree.js');
const { Run } = await import('../../../../src/host/run/run.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-tree-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLASSIFICATION = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
const EXAMPLES = [0, 1, 2, 3].map((i) => ({ image: `a/${i}.png`, label: i % 2, logits: [i, 0] }));
const DETECTION = { ohem_dump: 1, task: 'detection', classes: ['car'], background: 0 };
const IMAGES = [0, 1, 2, 3].map((i) => ({
  image: `a/${i}.png`,
  rois: [0, 50, 100].map((x) => [x, i, x + 20, 30]),
  label: [1, 0, 0],
  loss_cls: [i + 3, i + 2, i + 1],
}));

/** What stands beside the run's name, and beside each image's. */
async function linesOf(lines: readonly object[], task: 'classification' | 'detection', preset: MiningConfig['preset']) {
  const [dumpPath, outPath] = [join(folder, 'dump.jsonl'), join(folder, `${task}-${preset}.ohem`)];
  writeFileSync(dumpPath, lines.map((line) => JSON.stringify(line)).join('\n'));
  const mining = {
    ...presetConfig(task, preset),
    ...(preset === 'all' ? {} : { batchSize: 2, imagesPerBatch: task === 'detection' ? 1 : 4 }),
  };
  await importDump({ dumpPath, images: null, outPath, miningOf: () => mining, force: true }, () => {});
  const run = await Run.open(outPath);
  const [runs, never] = [{ open: async () => run, peek: async () => run }, { dispose: () => undefined }];
  const books = { of: () => ({ ofImage: () => [] }), onDidChange: () => never };
  const tree = new ImageTree({ ...runs, onDidChange: () => never } as never, books as never);
  const node = tree.runNode(outPath);
  const items = await Promise.all((await tree.getChildren(node)).map((image) => tree.getTreeItem(image)));
  expect(items).toHaveLength(4);
  return { run: (await tree.getTreeItem(node)).description, images: items.map((item) => String(item.description)) };
}

/** Words that stand in each line. */
function repeated(texts: readonly string[]): string[] {
  const [first = [], ...others] = texts.map((text) => text.split(/[^\p{L}]+/u).filter((word) => word !== ''));
  return first.filter((word) => others.every((words) => words.includes(word)));
}

describe('lines of the view', () => {
  it('of a detection are the value that they are ordered by', async () => {
    const { run, images } = await linesOf([DETECTION, ...IMAGES], 'detection', 'paper');
    expect(repeated(images)).toEqual([]);
    for (const text of images) expect(text).toMatch(/^\d+\.\d\d$/);
    expect(run).toBe('4 images · from training');
  });

  it('of a classification say which examples are selected, where not all are', async () => {
    const { images } = await linesOf([CLASSIFICATION, ...EXAMPLES], 'classification', 'top-b');
    expect(repeated(images).filter((word) => word !== 'selected')).toEqual([]);
    expect(images.filter((text) => text.endsWith('· not selected'))).toHaveLength(2);
    const all = await linesOf([CLASSIFICATION, ...EXAMPLES], 'classification', 'all');
    expect(all.images.join()).not.toMatch(/selected/);
    expect(repeated(all.images)).toEqual([]);
  });
});
