/** What a reader of predictions is, and what it hands over: detections without a checkpoint. */
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
import type { Phrase } from '../../core/said.js';
import type { Box } from '../rows/outlines.js';

export interface Detection {
  /** The image as the file names it: an id of the data set, a path, a name, or a name without its ending. */
  readonly image: string | number;
  /** The class as the file names it: a name, or a number. */
  readonly label: string | number;
  /** x1, y1, x2, y2, px, or shares of the image with `isShare`. */
  readonly box: Box;
  readonly isShare?: true;
  readonly score: number;
}

/** What a file says beside its detections. */
export interface PredictionFacts {
  /** SHA-256 over its files, hex. */
  readonly sha256: string;
  /** Class names, where it lists them beside those that occur. */
  readonly classes?: readonly string[];
  readonly notes?: readonly string[];
}

/** Takes one detection. @param where it stands in the file, for errors and warnings. */
export type TakeDetection = (detection: Detection, where: Phrase, file: string) => void;

/** One format of predictions. `registry.ts` lists them. */
export interface PredictionFormat {
  readonly id: string;
  /** A phrase for menus, docs and errors. */
  readonly title: string;
  /** What classes that are numbers mean: category ids of a COCO data set, or places in the list of classes, from 0. */
  readonly numbers: 'ids' | 'places';
  /** Does this path look like the format? Reads as little as possible, never throws. */
  recognise(path: string): Promise<boolean>;
  /** The predictions of this format in a folder itself, for a menu: absolute paths. */
  readonly find: (folder: FolderView) => Promise<readonly string[]>;
  /** @throws MiningError 'dataset' */
  read(path: string, take: TakeDetection): Promise<PredictionFacts>;
}

/** A box as a corner with width and height. @throws MiningError 'dataset' */
export function cornerAndSize(value: unknown, where: string, file: string): Box {
  const [x, y, width, height] = fourNumbers(value, where, file);
  return [x, y, x + width, y + height];
}

/** @throws MiningError 'dataset' */
export function fourNumbers(value: unknown, where: string, file: string): Box {
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [];
  const [a, b, c, d] = numbers;
  const isWhole = numbers.length === 4 && typeof a === 'number' && typeof b === 'number';
  if (isWhole && typeof c === 'number' && typeof d === 'number') return [a, b, c, d];
  throw mismatch(where, '4 numbers', value, file);
}

/** @throws MiningError 'dataset' */
export function numberAt(value: unknown, where: string, file: string): number {
  if (typeof value === 'number') return value;
  throw mismatch(where, 'a number', value, file);
}

/** The name or id of an image or a class. @throws MiningError 'dataset' */
export function nameAt(value: unknown, where: string, file: string): string | number {
  if (typeof value === 'string' || Number.isSafeInteger(value)) return value as string | number;
  throw mismatch(where, 'a text or a whole number', value, file);
}

export function mismatch(where: string, expected: Phrase, value: unknown, file: string): MiningError {
  return new MiningError('dataset', where, expected, value === undefined ? 'nothing' : show(value), { file });
}
