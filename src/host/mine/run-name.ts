/** The file name of a new run. */
import { basename, dirname, extname } from 'node:path';

/** Names that say nothing of their own: the folder above does. */
const GENERIC = new Set(
  'checkpoint checkpoints model saved_model weights'
    .concat(' instances annotations labels _annotations.coco data dataset dump losses')
    .split(' '),
);

/** Characters of a word in a name: tabs and lists show about as many of the whole. */
const MAX_WORD = 24;

/** What a run is made from. */
export interface RunSources {
  /** '' for imported losses. */
  readonly checkpoint: string;
  /** What the checkpoint's contract says; '' where it does not, or there is none. */
  readonly contract: { readonly family: string; readonly title: string };
  readonly data: string;
}

/**
 * `coco-cc-train-yolox_nano-1122-1405.ohem`: data set, checkpoint and local time, to the minute; a name that is taken
 * gets a number. A checkpoint's title names it,
 * else its file or folder, else the folder above with its family (`sample-fast-rcnn`).
 */
export function runName({ checkpoint, contract, data }: RunSources, now: Date): string {
  const model = checkpoint === '' ? '' : modelWord(checkpoint, contract);
  const set = placeWord(data).word;
  const words = model === set || model.startsWith(`${set}-`) ? [model] : [set, model];
  return `${[...words.filter((word) => word !== ''), stamp(now)].join('-')}.ohem`;
}

function modelWord(checkpoint: string, contract: RunSources['contract']): string {
  if (contract.title !== '') return plain(contract.title);
  const { word, isGeneric } = placeWord(checkpoint.replace(/[\\/]ohem\.json$/, '').replace(/\.ohem\.json$/, ''));
  return isGeneric && contract.family !== '' ? `${word}-${plain(contract.family)}` : word;
}

function placeWord(path: string): { readonly word: string; readonly isGeneric: boolean } {
  const name = basename(path, extname(path));
  const isGeneric = GENERIC.has(name.toLowerCase());
  return { word: plain(isGeneric ? basename(dirname(path)) : name), isGeneric };
}

function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, MAX_WORD) || 'run';
}

function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}`;
}
