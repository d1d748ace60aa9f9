/** What a reader of annotations gives; the only thing the rest of the house knows of a data set. */
import type { FolderView } from '../core/facts/folder-look.js';
import type { Task, GtTable, ImageTable } from '../core/tables.js';
import type { TextRange } from './rows/text-places.js';

export interface Dataset {
  /** Id of its format: `coco`, `voc`, … */
  readonly kind: string;
  readonly task: Task;
  /** Absolute path as the person gave it. */
  readonly path: string;
  /** Absolute folder that `images.id` is relative to. */
  readonly imageRoot: string;
  readonly split: string | null;
  /** How the corners were read, where the format leaves it open. */
  readonly boxOrigin?: BoxOrigin;
  /** As `DatasetOptions.columns`, where the person named some. */
  readonly columns?: Readonly<Record<string, string>>;
  /** K class names in the data set's own order (COCO: ascending category id). */
  readonly classes: readonly string[];
  readonly images: ImageTable;
  /** coco: its own ids, by which files of results name its images and categories. */
  readonly ids?: DatasetIds;
  /** Labels index `classes`. */
  readonly gts: GtTable;
  /** SHA-256 over the annotation files, hex. */
  readonly sha256: string;
  /**
   * Survivable flaws, one line each, as `MiningError` would print them: a box outside its image, an unknown category.
   */
  readonly warnings: readonly string[];
  /** What was decided for the person, or done to many objects at once; a phrase each. */
  readonly notes: readonly string[];
}

/** Rows of images, -1 for one that was refused, and classes, by the ids of the annotation file. */
export interface DatasetIds {
  readonly imageOf: ReadonlyMap<number | string, number>;
  readonly classOf: ReadonlyMap<number | string, number>;
}

export interface DatasetOptions {
  /** Folder of the images where the annotations do not tell (coco, voc, csv). */
  readonly images?: string;
  /**
   * Part of the data set. coco: which of several JSON files (`val` finds instances_val2017). voc: name of a list in
   * ImageSets/Main without `.txt`; `all`: every XML. yolo: train, val or test. folders: the folder above the classes.
   * Absent: the first of `AnnotationFormat.splits`, and a note says so where there are others.
   */
  readonly split?: string;
  /** voc, boxes: what the corners count from; absent: what a corner at 0 tells, else the format's own. */
  readonly boxOrigin?: BoxOrigin;
  /** boxes: headers of columns that are called otherwise, by what they hold (rows/box-columns.ts). */
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * What the corners of boxes count from. 0: continuous image px. 1: pixel indices as in the VOC devkit, both inclusive;
 * the top-left pixel is (1, 1).
 */
export type BoxOrigin = 0 | 1;

/** One annotation format: all that the house knows of it. `registry.ts` lists them. */
export interface AnnotationFormat {
  readonly id: string;
  /** A phrase for menus, docs and errors: `COCO JSON (instances*.json)`. */
  readonly title: string;
  readonly task: Task;
  /** Does this path look like the format? Reads as little as possible, never throws. */
  recognise(path: string): Promise<boolean>;
  /** The data sets of this format in a folder itself, for a menu: absolute paths of files, or the folder's own. */
  readonly find: (folder: FolderView) => Promise<readonly string[]>;
  /** A folder that is such a data set holds nothing else worth a look. */
  readonly ownsFolder?: true;
  /** Names of the folders below one that are parts of the files that `find` gives there: no data sets of their own. */
  partsOf?(folder: FolderView): Promise<readonly string[]>;
  /** The splits to choose from, the reader's own choice first; absent: it asks for none. Never throws. */
  splits?(path: string): Promise<readonly string[]>;
  /**
   * What the corners are taken to count from where no corner tells; null: one does. Absent: the format says.
   * @throws MiningError 'dataset'
   */
  untoldOrigin?(path: string, split?: string): Promise<BoxOrigin | null>;
  /** @throws MiningError 'dataset' */
  read(path: string, options: DatasetOptions): Promise<Dataset>;
  /**
   * Where an object stands in the text of its annotation file.
   * @param index as in `GtTable.annotation`; NONE and what is not there: null.
   */
  place(text: string, index: number): TextRange | null;
}
