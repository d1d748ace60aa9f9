/** Asks for a checkpoint and an annotated image set. */
import { basename, dirname, join, sep } from 'node:path';
import * as vscode from 'vscode';
import type { Task } from '../../core/tables.js';
import type { FoundInput, FoundInputs } from '../../protocol/found-inputs.js';
import type { Log } from '../base/log.js';
import type { EngineService } from '../engine/engine-service.js';
import { askOrigin } from './ask-origin.js';
import { findInputs } from './find-inputs.js';
import { browseItem, foundItem, pickPath, type PathItem } from './pick-path.js';
import { openDocs } from '../base/docs.js';
import { isWeightFile } from '../../files/weight-files.js';
import { showQuickPick, showWarningMessage } from '../base/speak.js';

export interface MineInputs {
  /** A checkpoint, or predictions in its place. */
  readonly checkpoint: string;
  readonly data: string;
  /** As its format names it. */
  readonly split?: string;
  /** What corners count from, where nothing in the data set tells. */
  readonly boxOrigin?: 0 | 1;
  /** Folder of the images where the annotations do not tell. */
  readonly images?: string;
  /** Headers of a table of boxes, by what each column holds. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** How the data set is read, as far as a person or a caller has said so. */
export function dataOptions({ images, split, boxOrigin, columns }: MineInputs) {
  return {
    ...(images === undefined ? {} : { images }),
    ...(split === undefined ? {} : { split }),
    ...(boxOrigin === undefined ? {} : { boxOrigin }),
    ...(columns === undefined ? {} : { columns }),
  };
}

/** The sample that comes with the extension. */
export function sampleInputs(extensionPath: string): MineInputs {
  const folder = join(extensionPath, 'media', 'sample');
  return { checkpoint: join(folder, 'checkpoint'), data: join(folder, 'instances.json') };
}

export interface AskOptions {
  /** The command that asks, for titles. */
  readonly what: string;
  /** It takes predictions in place of a checkpoint. */
  readonly takesPredictions: boolean;
  /** What need not be asked. */
  readonly given?: Partial<MineInputs>;
}

/**
 * Two picks. What the workspace holds comes first, the sample after it; image sets that the checkpoint can be for come
 * first, and of those the ones near it, because their classes likely agree.
 * @returns undefined where the person gave up.
 */
export async function askInputs(
  engine: EngineService,
  sample: MineInputs,
  log: Log,
  { what, takesPredictions, given = {} }: AskOptions,
): Promise<MineInputs | undefined> {
  const found = findInputs(engine).then((all) => (takesPredictions ? all : { ...all, predictions: [] }));
  found.catch((error: unknown) => log.warning(String(error)));
  if (given.checkpoint !== undefined && isWeightFile(given.checkpoint)) {
    await refuseWeights(given.checkpoint);
    return undefined;
  }
  const checkpoint = given.checkpoint ?? (await askCheckpoint(found, sample, { what, takesPredictions }));
  if (checkpoint === undefined) return undefined;
  const data = given.data ?? (await askData(found, sample, checkpoint, what));
  if (data === undefined) return undefined;
  const split = await askSplit(engine, data, what);
  if (split === undefined) return undefined;
  const { origin: usual } = await engine.call('untoldOrigin', { path: data, ...split });
  if (usual === null) return { checkpoint, data, ...split };
  const boxOrigin = await askOrigin(usual, what);
  return boxOrigin === undefined ? undefined : { checkpoint, data, ...split, boxOrigin };
}

/** A file that holds weights only is refused at once, with what leads on. */
async function askCheckpoint(
  found: Promise<Found>,
  sample: MineInputs,
  { what, takesPredictions }: AskOptions,
): Promise<string | undefined> {
  const checkpoint = await pickPath(
    checkpointItems(NOTHING, sample),
    found.then((all) => checkpointItems(all, sample)),
    {
      title: vscode.l10n.t('{0}: Checkpoint', what),
      placeHolder: takesPredictions
        ? vscode.l10n.t(
            'The trained detector or classifier whose hard examples you want to see, or a file of its detections',
          )
        : vscode.l10n.t('The trained detector or classifier whose hard examples you want to see'),
      browse: {
        canSelectFiles: true,
        canSelectFolders: false,
        filters: {
          [vscode.l10n.t('Checkpoints, Predictions')]: ['onnx', 'tflite', 'json', 'txt'],
          [vscode.l10n.t('All Files')]: ['*'],
        },
      },
    },
  );
  if (checkpoint === undefined || !isWeightFile(checkpoint)) return checkpoint;
  const other = vscode.l10n.t('Other Checkpoint…');
  const picked = await refuseWeights(checkpoint, other);
  return picked === other ? askCheckpoint(found, sample, { what, takesPredictions }) : undefined;
}

/** Says that a file holds weights without the network, and how it is exported. @returns the button picked. */
async function refuseWeights(path: string, ...others: readonly string[]): Promise<string | undefined> {
  const how = vscode.l10n.t('Export To ONNX (How)');
  const picked = await showWarningMessage(
    vscode.l10n.t(
      '{0} holds weights without the network, and is never opened. Export it to ONNX first.',
      basename(path),
    ),
    how,
    ...others,
  );
  if (picked === how) await openDocs('checkpoints.md');
  return picked;
}

function askData(
  found: Promise<Found>,
  sample: MineInputs,
  checkpoint: string,
  what: string,
): Promise<string | undefined> {
  return pickPath(
    datasetItems(NOTHING, sample, checkpoint),
    found.then((all) => datasetItems(all, sample, checkpoint)),
    {
      title: vscode.l10n.t('{0}: Annotated Images', what),
      placeHolder: vscode.l10n.t(
        'COCO, Pascal VOC, YOLO, CVAT, LabelMe and others; for a classifier class folders or a table of labels',
      ),
      browse: { canSelectFiles: true, canSelectFolders: true },
    },
  );
}

/** What a file or folder of the explorer can be in a question for both: a checkpoint or predictions, else images. */
export async function inputAt(engine: EngineService, path: string): Promise<Partial<MineInputs>> {
  if (isWeightFile(path)) return { checkpoint: path };
  const { checkpoints, predictions } = await engine.call('findInputs', { roots: [path, dirname(path)] });
  const isCheckpoint = [...checkpoints, ...predictions].some((found) => found.path === path);
  return isCheckpoint ? { checkpoint: path } : { data: path };
}

/** The split, where there are several; undefined where the person gave up. */
async function askSplit(
  engine: EngineService,
  data: string,
  what: string,
): Promise<Pick<MineInputs, 'split'> | undefined> {
  const { splits } = await engine.call('splitsOf', { path: data });
  if (splits.length < 2) return {};
  const items = splits.map((name) => ({ label: name, name }));
  const split = await showQuickPick(items, {
    title: vscode.l10n.t('{0}: Split', what),
    placeHolder: vscode.l10n.t('The part of the data set to take'),
  });
  return split && { split: split.name };
}

/** What the workspace holds once the search has ended; nothing before. */
type Found = Pick<FoundInputs, 'checkpoints' | 'predictions' | 'datasets' | 'truncated'>;
const NOTHING: Found = { checkpoints: [], predictions: [], datasets: [], truncated: false };

function checkpointItems({ checkpoints, predictions, truncated }: Found, sample: MineInputs): PathItem[] {
  const others = checkpoints.filter(({ path }) => path !== sample.checkpoint);
  return [
    ...others.map(foundItem),
    ...predictions.map(foundItem),
    sampleItem(vscode.l10n.t('Sample detector'), sample.checkpoint),
    browseItem(truncated),
  ];
}

function datasetItems(
  { checkpoints, predictions, datasets, truncated }: Found,
  sample: MineInputs,
  checkpoint: string,
): PathItem[] {
  const isSample = checkpoint === sample.checkpoint;
  const task = isSample
    ? 'detection'
    : ([...checkpoints, ...predictions].find(({ path }) => path === checkpoint)?.task ?? null);
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
