/** Asks for a checkpoint and an annotated image set. */
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { Task } from '../../core/tables.js';
import { findInputs, type FoundInput } from './find-inputs.js';
import { browseItem, foundItem, pickPath, type PathItem } from './pick-path.js';
import { showQuickPick } from '../base/speak.js';

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

/**
 * Two picks. What the workspace holds comes first, the sample after it; image sets that the checkpoint can be for come
 * first, and of those the ones near it, because their classes likely agree.
 * @returns undefined where the person gave up.
 */
export async function askInputs(sample: MineInputs): Promise<MineInputs | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const found = findInputs(folders);
  const checkpoint = await pickPath(checkpointItems(found, sample), {
    title: vscode.l10n.t('Mine Hard Examples (1/2): Checkpoint'),
    placeHolder: vscode.l10n.t('The trained detector or classifier whose hard examples you want to see'),
    browse: {
      canSelectFiles: true,
      canSelectFolders: false,
      filters: { [vscode.l10n.t('Checkpoints')]: ['onnx', 'json'], [vscode.l10n.t('All Files')]: ['*'] },
    },
  });
  if (checkpoint === undefined) return undefined;
  const data = await pickPath(datasetItems(found, sample, checkpoint), {
    title: vscode.l10n.t('Mine Hard Examples (2/2): Annotated Images'),
    placeHolder: vscode.l10n.t('COCO, Pascal VOC or YOLO; for a classifier class folders or a table of labels'),
    browse: { canSelectFiles: true, canSelectFolders: true },
  });
  if (data === undefined) return undefined;
  const splits = await splitsOf(data);
  if (splits.length < 2) return { checkpoint, data };
  const items = splits.map((name) => ({ label: name, name }));
  const split = await showQuickPick(items, {
    title: vscode.l10n.t('Mine Hard Examples: Split'),
    placeHolder: vscode.l10n.t('The list of images in ImageSets/Main'),
  });
  return split === undefined ? undefined : { checkpoint, data, split: split.name };
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

async function checkpointItems(found: ReturnType<typeof findInputs>, sample: MineInputs): Promise<PathItem[]> {
  const { checkpoints, truncated } = await found;
  const others = checkpoints.filter(({ path }) => path !== sample.checkpoint);
  return [
    ...others.map(foundItem),
    sampleItem(vscode.l10n.t('Sample detector'), sample.checkpoint),
    browseItem(truncated),
  ];
}

async function datasetItems(
  found: ReturnType<typeof findInputs>,
  sample: MineInputs,
  checkpoint: string,
): Promise<PathItem[]> {
  const { checkpoints, datasets, truncated } = await found;
  const isSample = checkpoint === sample.checkpoint;
  const task = isSample ? 'detection' : (checkpoints.find(({ path }) => path === checkpoint)?.task ?? null);
  const sampleSet = {
    path: sample.data,
    task: 'detection' as Task,
    item: sampleItem(vscode.l10n.t('Sample scenes'), sample.data),
  };
  const others = datasets
    .filter(({ path }) => path !== sample.data)
    .map((input) => ({ ...input, item: foundItem(input) }));
  return [
    ...orderDatasets([...others, sampleSet], { path: checkpoint, task }).map(({ item }) => item),
    browseItem(truncated),
  ];
}

/** Image sets of the checkpoint's task first, where it is known; then the nearest first. */
export function orderDatasets<T extends Pick<FoundInput, 'path' | 'task'>>(
  datasets: readonly T[],
  checkpoint: Pick<FoundInput, 'path' | 'task'>,
): T[] {
  const misfit = ({ task }: T) => Number(task !== null && checkpoint.task !== null && task !== checkpoint.task);
  return [...datasets].sort(
    (a, b) => misfit(a) - misfit(b) || nearness(b.path, checkpoint.path) - nearness(a.path, checkpoint.path),
  );
}

/** Folders that two paths share from the root on. */
function nearness(a: string, b: string): number {
  const [left, right] = [a.split(sep), b.split(sep)];
  const differs = left.findIndex((name, i) => name !== right[i]);
  return differs < 0 ? left.length : differs;
}

function sampleItem(label: string, path: string): PathItem {
  return { label: `$(beaker) ${label}`, description: vscode.l10n.t('comes with OHEM Lens'), path };
}
