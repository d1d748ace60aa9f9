/**
 * One run file as the host sees it: its manifest, one summary an image, and where each image's bytes lie. It never
 * decodes a RoI. A run that grows is told so by its mining job; any other is read from its file.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { rowInBatch } from '../../arrow/run-columns.js';
import type { DamagedImage } from '../../core/facts/run-check.js';
import { MiningError } from '../../core/mining-error.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { numExpected } from '../../core/facts/run-manifest.js';
import { DerivedImages, type ImageList, type MinedColumns } from '../../core/facts/image-list.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { BatchPlace, MineProgress, RunGaps } from '../../protocol/panel-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { orderImages } from './image-order.js';
import type { ImageOrder } from '../../core/facts/image-orders.js';
import { beginContents, goesOn, readBytes, readContents, type Opened, type RunContents } from './run-contents.js';

type ImageAdded = Extract<WorkerEvent, { event: 'image' }>;

export class Run implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<RunChange>();
  /**
   * `images`: more images; `order`: other summaries; `progress`: the mining job moved; `damage`: images were found
   * damaged; `outdated`: images have changed on the disk; `deleted`: the file is gone; `reloaded`: another run.
   */
  readonly onDidChange = this.#changed.event;
  #contents: RunContents;
  /** Where its bytes are: beside the run that it replaces, until it is done and has that name. */
  #growsAt: string;
  #mining: MiningConfig;
  /** Images under `mining` where it is not the run's own. */
  #derived: DerivedImages | undefined;
  #progress: MineProgress | null = null;
  #deleted = false;
  #changedImages: ReadonlySet<number> = new Set();
  #order: { readonly by: ImageOrder; readonly indices: Int32Array } | undefined;

  private constructor(
    readonly path: string,
    contents: RunContents,
    growsAt: string = path,
  ) {
    this.#contents = contents;
    this.#growsAt = growsAt;
    this.#mining = contents.manifest.mining;
  }

  /** Reads a run file's index. @throws MiningError 'run-file' */
  static async open(path: string): Promise<Run> {
    return new Run(path, await readContents(path));
  }

  /** A run that a mining job has just begun. */
  static async begin(event: Opened): Promise<Run> {
    return new Run(event.outPath, await beginContents(event), event.growsAt);
  }

  /** Path of the file that has its bytes now. */
  get bytesPath(): string {
    return this.#growsAt;
  }

  get uri(): vscode.Uri {
    return vscode.Uri.file(this.path);
  }

  get manifest(): RunManifest {
    return this.#contents.manifest;
  }

  /** The run file's schema message, a fresh copy. */
  get schema(): Uint8Array {
    return this.#contents.schema.slice();
  }

  get numImages(): number {
    return this.#contents.images.length;
  }

  /** Every image of the data set is in the file. */
  get complete(): boolean {
    const numImages = numExpected(this.manifest.dataset);
    const hasAll = numImages > 0 && this.numImages >= numImages;
    return this.#contents.complete || this.#progress?.state === 'done' || hasAll;
  }

  /** A dump that a training still writes: nobody knows how many images come. */
  get watched(): boolean {
    return this.running && this.manifest.dataset.numImages === 0;
  }

  /** The file was there and is gone: what has been read of it is all that there is. */
  get deleted(): boolean {
    return this.#deleted;
  }

  /** What is missing of it. */
  get gaps(): RunGaps {
    const { images, damaged, complete } = this.#contents;
    return {
      numImages: this.numImages,
      numInDataset: Math.max(numExpected(this.manifest.dataset), this.numImages),
      cut: !complete && this.#progress?.state !== 'done',
      resumable: this.manifest.checkpoint !== null,
      damaged: [...damaged].sort((a, b) => a - b).map((i) => images.at(i)?.id ?? ''),
      deleted: this.#deleted,
      changed: [...this.#changedImages].sort((a, b) => a - b),
    };
  }

  /** Have an image's objects or pixels changed on the disk since it was mined, as far as was looked? */
  hasChanged(imageIndex: number): boolean {
    return this.#changedImages.has(imageIndex);
  }

  /** State of the mining job; null for a run that none of ours mines or has mined. */
  get progress(): MineProgress | null {
    return this.#progress;
  }

  get running(): boolean {
    return this.#progress?.state === 'running';
  }

  /** The configuration that the summaries stand for. */
  get mining(): MiningConfig {
    return this.#mining;
  }

  get hasOwnMining(): boolean {
    return this.#derived === undefined;
  }

  /**
   * One summary an image, in file order, under `mining`. Of a large file they are read when they are looked at, and
   * throw a MiningError 'run-file' where its index is damaged.
   */
  get images(): ImageList {
    return this.#derived ?? this.#contents.images;
  }

  /** Its index was not checked as a whole: `images` may throw. */
  get isLazy(): boolean {
    return this.#contents.isLazy;
  }

  /** Image indices, hardest first. @throws MiningError as `images` */
  order(by: ImageOrder): Int32Array {
    if (this.#order?.by !== by) this.#order = { by, indices: orderImages(this.images, by) };
    return this.#order.indices;
  }

  /** Row of an image in its record batch. */
  rowOf(imageIndex: number): number {
    return rowInBatch(this.#contents.ranges, imageIndex);
  }

  /**
   * Reads one image's record batch into memory of its own.
   * @throws RangeError, the file system's error; MiningError 'run-file' where another file has taken the name, which
   * is then read.
   */
  async readImageBytes(imageIndex: number): Promise<Uint8Array> {
    const range = this.#contents.ranges.at(imageIndex);
    if (range === undefined) throw new RangeError(`image ${imageIndex} of ${this.numImages}`);
    return this.#readBytes(range.start, range.end);
  }

  /**
   * Reads consecutive images' record batches in one go, from `first` on: at most `most` images, and not beyond
   * `mostBytes` where more than one batch is read. No images give no bytes.
   * @returns bytes in memory of their own, and where each image is in them.
   */
  async readImagesBytes(
    first: number,
    most: number,
    mostBytes: number,
  ): Promise<{ readonly places: BatchPlace[]; readonly bytes: Uint8Array }> {
    const { ranges } = this.#contents;
    const { start } = ranges.at(first) ?? { start: 0 };
    const places: BatchPlace[] = [];
    let end = start;
    let row = this.rowOf(first);
    for (const range of ranges.slice(first, first + most)) {
      const isSame = range.end === end;
      if (!isSame && (range.start !== end || (places.length > 0 && range.end - start > mostBytes))) break;
      if (isSame) row++;
      else if (places.length > 0) row = 0;
      ({ end } = range);
      places.push({ start: range.start - start, end: end - start, row });
    }
    return { places, bytes: await this.#readBytes(start, end) };
  }

  /** Takes what another configuration makes of the images; null: back to the run's own. */
  setDerived(mining: MiningConfig, mined: MinedColumns | null): void {
    this.#mining = mining;
    this.#derived = mined === null ? undefined : new DerivedImages(this.#contents.images, mined);
    this.#change('order');
  }

  /** The job opened the file again, to go on or to write it anew. */
  async restart(event: Opened, resumed: boolean): Promise<void> {
    this.#growsAt = event.growsAt;
    this.#deleted = false;
    if (resumed) return this.reload();
    const before = this.#contents;
    this.#contents = await beginContents(event);
    this.#mining = this.manifest.mining;
    this.#derived = undefined;
    this.#changedImages = new Set();
    this.#change('reloaded');
    await before.close();
  }

  addImage(event: ImageAdded): void {
    this.#contents.images.set(event.imageIndex, event.summary);
    this.#contents.ranges.set(event.imageIndex, { start: event.start, end: event.end });
    this.#change('images');
  }

  /** Takes what a check of the whole file has found. */
  setDamage(found: readonly DamagedImage[]): void {
    const { images, damaged } = this.#contents;
    for (const { imageIndex, reason } of found) {
      const summary = images.at(imageIndex);
      if (summary === undefined) continue;
      images.set(imageIndex, { ...summary, error: reason });
      damaged.add(imageIndex);
    }
    if (found.length > 0) this.#change('damage');
  }

  setProgress(progress: MineProgress): void {
    this.#progress = progress;
    if (progress.state === 'done') this.#growsAt = this.path;
    this.#change('progress');
  }

  setDeleted(): void {
    if (this.#deleted || this.running) return;
    this.#deleted = true;
    this.#change('deleted');
  }

  /** Takes the places of images that have changed on the disk since they were mined. */
  setChangedImages(places: readonly number[]): void {
    if (places.length === 0 && this.#changedImages.size === 0) return;
    this.#changedImages = new Set(places);
    this.#change('outdated');
  }

  /**
   * Reads the file again: it has grown, was replaced or is back.
   * @param how `isChecked`: its index is damaged, and it is read without.
   */
  async reload(how: { readonly isChecked?: boolean } = {}): Promise<void> {
    const now = await this.#whereItIs((path) => readContents(path, how.isChecked));
    const before = this.#contents;
    const same = goesOn(before, now);
    this.#contents = now;
    this.#deleted = false;
    if (!same) {
      this.#derived = undefined;
      this.#changedImages = new Set();
    }
    if (this.#derived) this.#derived = new DerivedImages(now.images, this.#derived.mined);
    if (this.#derived === undefined) this.#mining = this.manifest.mining;
    this.#change(same ? 'images' : 'reloaded');
    await before.close();
  }

  async #readBytes(start: number, end: number): Promise<Uint8Array> {
    const { file, bytes } = await this.#whereItIs((path) => readBytes(path, start, end));
    if (file === this.#contents.file) return bytes;
    await this.reload();
    const another = 'another that has taken its name and is shown now';
    throw new MiningError('run-file', 'file', 'the run that was opened', another, { file: this.path });
  }

  /** A run that was beside another may have got its name just now. */
  async #whereItIs<T>(read: (path: string) => Promise<T>): Promise<T> {
    try {
      return await read(this.#growsAt);
    } catch (error) {
      if (this.#growsAt === this.path || (await changedAt(this.#growsAt)) > 0) throw error;
      this.#growsAt = this.path;
      return read(this.path);
    }
  }

  dispose(): void {
    this.#changed.dispose();
    void this.#contents.close();
  }

  #change(change: RunChange): void {
    if (change !== 'progress') this.#order = undefined;
    this.#changed.fire(change);
  }
}

export type RunChange = 'images' | 'order' | 'progress' | 'damage' | 'outdated' | 'deleted' | 'reloaded';

/** The one spelling of a path that keys and comparisons use: as VS Code writes it (drive letters, separators). */
export function canonicalPath(path: string): string {
  return vscode.Uri.file(resolve(path)).fsPath;
}

/** Time of a run file's last change, ms; 0 where there is none. */
export async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.mtimeMs,
    () => 0,
  );
}
