/** What the suites in the extension host share. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { OhemLensApi } from '../../src/host/extension.js';
import type { TreeNode } from '../../src/host/run/image-tree.js';
import type { MineArguments } from '../../src/host/mine/mine-command.js';
import type { MineOutcome } from '../../src/host/mine/mining-jobs.js';

export type { MineOutcome, TreeNode };

export function extension(): vscode.Extension<OhemLensApi> {
  const found = vscode.extensions.getExtension<OhemLensApi>('ohem-lens.ohem-lens');
  assert(found, 'the extension is not installed in this host');
  return found;
}

export async function api(): Promise<OhemLensApi> {
  return extension().activate();
}

/** The bundled sample; `images`: the folder that its file names are relative to. */
export function sample(): { readonly checkpoint: string; readonly data: string; readonly images: string } {
  const folder = join(extension().extensionPath, 'media', 'sample');
  return { checkpoint: join(folder, 'checkpoint'), data: join(folder, 'instances.json'), images: folder };
}

export const numSampleImages = (): number => readCoco(sample().data).images.length;

/** Images of `fewImages`. */
export const NUM_FEW = 6;

/**
 * The first few of the sample's images, for tests that need any run. @param folder where its annotations are written.
 */
export function fewImages(folder: string): { readonly data: string; readonly images: string } {
  const source = readCoco(sample().data);
  const images = source.images.slice(0, NUM_FEW);
  const annotations = source.annotations.filter((object) => images.some((image) => image.id === object.image_id));
  const data = join(folder, 'few.json');
  writeFileSync(data, JSON.stringify({ ...source, images, annotations }));
  return { data, images: sample().images };
}

/** Skips the test, saying why, where the sample has not been made. */
export function needSample(test: Mocha.Context): void {
  if (existsSync(sample().checkpoint)) return;
  console.log('      skipped: media/sample/checkpoint is absent; `npm run sample` makes it');
  test.skip();
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ohem-host-'));
}

/** Mines through the command, as another extension would. */
export async function mine(given: Partial<MineArguments>): Promise<MineOutcome> {
  const { checkpoint, data } = sample();
  const outcome = await vscode.commands.executeCommand<MineOutcome | undefined>('ohemLens.mine', {
    checkpoint,
    data,
    ...given,
  });
  assert(outcome, 'mining did not begin');
  return outcome;
}

/** Polls until `probe` gives something. */
export async function until<T>(what: string, probe: () => T | Promise<T>, timeoutMs = 60_000): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const value = await probe();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}

/** Tabs of the run editor. */
export function runTabs(): { readonly tab: vscode.Tab; readonly path: string }[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap((tab) =>
    tab.input instanceof vscode.TabInputCustom && tab.input.viewType === 'ohemLens.run'
      ? [{ tab, path: tab.input.uri.fsPath }]
      : [],
  );
}

/** The view's lines under a run. */
export async function imagesOf(path: string): Promise<{ readonly node: TreeNode; readonly item: vscode.TreeItem }[]> {
  const { tree } = await api();
  const nodes = await tree.getChildren(tree.runNode(path));
  return Promise.all(nodes.map(async (node) => ({ node, item: await tree.getTreeItem(node) })));
}

interface Coco {
  images: { id: number; file_name: string; [key: string]: unknown }[];
  annotations: { id: number; image_id: number; [key: string]: unknown }[];
  [key: string]: unknown;
}

export function readCoco(path: string): Coco {
  return JSON.parse(readFileSync(path, 'utf8')) as Coco;
}

/** Copies the sample's images `times` times into a new folder, with annotations, so that mining takes its time. */
export function copySample(times: number): {
  readonly data: string;
  readonly folder: string;
  readonly numImages: number;
} {
  const folder = temporaryFolder();
  const source = readCoco(sample().data);
  const copies = Array.from({ length: times }, (_, copy) => copyOf(source, copy));
  for (const { images } of copies) {
    images.forEach(({ file_name: name }, i) =>
      copyFileSync(join(sample().images, source.images[i].file_name), join(folder, name)),
    );
  }
  const images = copies.flatMap((copy) => copy.images);
  const data = join(folder, 'instances.json');
  writeFileSync(data, JSON.stringify({ ...source, images, annotations: copies.flatMap((copy) => copy.annotations) }));
  return { data, folder, numImages: images.length };
}

const ID_STEP = 1_000_000;

function copyOf(source: Coco, copy: number): Pick<Coco, 'images' | 'annotations'> {
  return {
    images: source.images.map((image) => ({
      ...image,
      id: image.id + copy * ID_STEP,
      file_name: `copy${copy}-${basename(image.file_name)}`,
    })),
    annotations: source.annotations.map((object) => ({
      ...object,
      id: object.id + copy * ID_STEP,
      image_id: object.image_id + copy * ID_STEP,
    })),
  };
}
