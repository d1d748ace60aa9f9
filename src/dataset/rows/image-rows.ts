/** Builds the ImageTable of a data set row by row. */
import path from 'node:path';
import { NONE, type ImageTable } from '../../core/tables.js';
import { show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { imageIdWithin } from './image-files.js';
import type { Warnings } from './warnings.js';

/** Images under one root. Rows keep the order in which they were added. */
export class ImageRows {
  readonly ids: string[] = [];
  private readonly rowOfId = new Map<string, number>();
  private readonly widths: number[] = [];
  private readonly heights: number[] = [];
  private readonly annotationPaths: string[] = [];

  constructor(
    /** Absolute folder that ids are relative to. */
    readonly root: string,
    private readonly warnings: Warnings,
  ) {}

  /**
   * Adds the image file `name` (relative to the root or absolute within it) of `width` x `height` px, 0 unknown.
   * Gives its row; the row it already has when the file was added before (warned); NONE when the name leaves the root
   * (warned, dropped). `where` says who named it.
   */
  add(name: string, width: number, height: number, annotationPath: string, where: Phrase, file?: string): number {
    const id = imageIdWithin(this.root, name);
    if (id === null) {
      this.warnings.add('image names refused', where, said`a file within ${this.root}`, show(name), file);
      return NONE;
    }
    const known = this.rowOfId.get(id);
    if (known !== undefined) {
      this.warnings.add('images listed twice', where, 'an image that was not listed before', show(id), file);
      return known;
    }
    this.rowOfId.set(id, this.ids.length);
    this.ids.push(id);
    this.widths.push(width);
    this.heights.push(height);
    this.annotationPaths.push(annotationPath);
    return this.ids.length - 1;
  }

  get numImages(): number {
    return this.ids.length;
  }

  /** Width of a row, px; 0 unknown. */
  width(row: number): number {
    return this.widths[row] ?? 0;
  }

  /** Height of a row, px; 0 unknown. */
  height(row: number): number {
    return this.heights[row] ?? 0;
  }

  /** The finished table; `gtStart` from `GtRows.finish`. */
  finish(gtStart: Int32Array): ImageTable {
    return {
      numImages: this.ids.length,
      id: this.ids,
      path: this.ids.map((id) => path.join(this.root, id)),
      width: Int32Array.from(this.widths),
      height: Int32Array.from(this.heights),
      annotationPath: this.annotationPaths,
      gtStart,
    };
  }
}
