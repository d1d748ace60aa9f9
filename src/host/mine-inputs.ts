/** Asks for a checkpoint and an annotated image set. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import * as vscode from 'vscode';
import { findInputs, type FoundInput } from './find-inputs.js';

export interface MineInputs {
  readonly checkpoint: string;
  readonly data: string;
  /** VOC: a list in ImageSets/Main. */
  readonly split?: string;
}

/** The sample that comes with the extension. */
export function sampleInputs(extensionPath: string): MineInputs {
  const folder = join(extensionPath, 'media', 'sample');
  return { checkpoint: join(folder, 'checkpoint'), data: join(folder, 'instances.json') };
}

interface PathItem extends vscode.QuickPickItem {
  /** undefined: browse. */
  readonly path?: string;
}

interface FoundItem extends PathItem {
  readonly path: string;
}

const KIND_TEXT: Record<FoundInput['kind'], () => string> = {
  contract: () => vscode.l10n.t('checkpoint with ohem.json'),
  onnx: () => 'ONNX',
  tfjs: () => 'TensorFlow.js',
  coco: () => vscode.l10n.t('COCO JSON'),
  voc: () => vscode.l10n.t('Pascal VOC folder'),
  yolo: () => vscode.l10n.t('YOLO labels'),
  folders: () => vscode.l10n.t('class folders'),
};

/**
 * Two picks. What the workspace holds comes first, the sample after it; image sets near the checkpoint come first,
 * because their classes likely agree.
 * @returns undefined where the person gave up.
 */
export async function askInputs(sample: MineInputs): Promise<MineInputs | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const found = findInputs(folders);
  const checkpoint = await pick(checkpointItems(found, sample), {
    title: vscode.l10n.t('Mine Hard Examples (1/2): Checkpoint'),
    placeHolder: vscode.l10n.t('The trained detector whose hard examples you want to see'),
    browse: { canSelectFiles: true, canSelectFolders: false, filters: { [vscode.l10n.t('Checkpoints')]: ['onnx', 'json'], [vscode.l10n.t('All Files')]: ['*'] } },
  });
  if (checkpoint === undefined) return undefined;
  const data = await pick(datasetItems(found, sample, checkpoint), {
    title: vscode.l10n.t('Mine Hard Examples (2/2): Annotated Images'),
    placeHolder: vscode.l10n.t('COCO JSON, a Pascal VOC folder, YOLO labels, or class folders'),
    browse: { canSelectFiles: true, canSelectFolders: true },
  });
  if (data === undefined) return undefined;
  const splits = await splitsOf(data);
  if (splits.length < 2) return { checkpoint, data };
  const split = await vscode.window.showQuickPick(splits, {
    title: vscode.l10n.t('Mine Hard Examples: Split'),
    placeHolder: vscode.l10n.t('The list of images in ImageSets/Main'),
  });
  return split === undefined ? undefined : { checkpoint, data, split };
}

/** The usual splits, the reader's own choice first. */
const SPLITS = ['trainval', 'train', 'val', 'test'];

/** The split lists of a VOC folder, without those of single classes (`cat_train`); none for anything else. */
async function splitsOf(data: string): Promise<string[]> {
  const names = await readdir(join(data, 'ImageSets', 'Main')).catch(() => []);
  const splits = names.filter((name) => /^[^_]+\.txt$/.test(name)).map((name) => name.slice(0, -4));
  const place = (split: string) => (SPLITS.includes(split) ? SPLITS.indexOf(split) : SPLITS.length);
  return splits.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** Folders that two paths share from the root on. */
function nearness(a: string, b: string): number {
  const [left, right] = [a.split(sep), b.split(sep)];
  const differs = left.findIndex((name, i) => name !== right[i]);
  return differs < 0 ? left.length : differs;
}

async function checkpointItems(found: ReturnType<typeof findInputs>, sample: MineInputs): Promise<PathItem[]> {
  const { checkpoints, truncated } = await found;
  return [...foundItems(checkpoints, sample.checkpoint), sampleItem(vscode.l10n.t('Sample detector'), sample.checkpoint), browseItem(truncated)];
}

async function datasetItems(found: ReturnType<typeof findInputs>, sample: MineInputs, checkpoint: string): Promise<PathItem[]> {
  const { datasets, truncated } = await found;
  const items = [...foundItems(datasets, sample.data), sampleItem(vscode.l10n.t('Sample scenes'), sample.data)];
  items.sort((a, b) => nearness(b.path, checkpoint) - nearness(a.path, checkpoint));
  return [...items, browseItem(truncated)];
}

function foundItems(inputs: readonly FoundInput[], samplePath: string): FoundItem[] {
  return inputs
    .filter(({ path }) => path !== samplePath)
    .map(({ path, kind }) => ({ label: labelOf(path, kind), description: vscode.workspace.asRelativePath(path), detail: KIND_TEXT[kind](), path }));
}

/** Model and annotation files are mostly named alike: their folder tells them apart. */
function labelOf(path: string, kind: FoundInput['kind']): string {
  const isFile = kind === 'tfjs' || kind === 'coco' || kind === 'yolo';
  return isFile ? `${basename(dirname(path))}/${basename(path)}` : basename(path);
}

function sampleItem(label: string, path: string): FoundItem {
  return { label: `$(beaker) ${label}`, description: vscode.l10n.t('comes with OHEM Lens'), path };
}

function browseItem(truncated: boolean): PathItem {
  const label = `$(folder-opened) ${vscode.l10n.t('Browse…')}`;
  return truncated ? { label, description: vscode.l10n.t('the workspace is large: not everything is listed') } : { label };
}

interface PickOptions {
  readonly title: string;
  readonly placeHolder: string;
  readonly browse: vscode.OpenDialogOptions;
}

async function pick(items: Promise<PathItem[]>, { title, placeHolder, browse }: PickOptions): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true, matchOnDetail: true });
  if (picked === undefined || picked.path !== undefined) return picked?.path;
  const [uri] = (await vscode.window.showOpenDialog({ ...browse, title })) ?? [];
  return uri?.fsPath;
}
