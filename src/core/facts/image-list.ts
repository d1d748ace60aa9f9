/** The images of a run, in file order: a million are looked at by columns, and only those in sight become objects. */
import { EditedList, LazyList, Listed } from '../lazy-list.js';
import { hasNoFiniteLoss, type ImageSummary } from './run-manifest.js';

type KeyOf<T> = { [K in keyof ImageSummary]: ImageSummary[K] extends T ? K : never }[keyof ImageSummary];
/** Columns of numbers. */
export type NumberKey = KeyOf<number>;
/** Columns of texts. */
export type TextKey = KeyOf<string>;
/** What of a text has to be as it is wanted. */
export type TextPart = 'whole' | 'end';

/** Reading throws MiningError 'run-file' where an index in a file is found damaged. */
export abstract class ImageList extends LazyList<ImageSummary> {
  /** One number an image; not to be changed. Cost: linear, 4 or 8 bytes an image. */
  column(key: NumberKey): Float64Array | Int32Array {
    return Float64Array.from(this, (image) => image[key]);
  }

  /** One text an image. Cost: no summary is made. */
  *texts(key: TextKey): Generator<string, void> {
    for (const image of this) yield image[key];
  }

  /** The first image with this text, or with one that ends so; -1 none. Cost: no text is made. */
  indexOf(key: TextKey, text: string, part: TextPart = 'whole'): number {
    let index = 0;
    for (const each of this.texts(key)) {
      if (isText(each, text, part)) return index;
      index++;
    }
    return -1;
  }

  /** 1 for each image whose text is not ''. Cost: no text is made. */
  given(key: TextKey): Uint8Array {
    return Uint8Array.from(this.texts(key), (text) => (text === '' ? 0 : 1));
  }
}

function isText(text: string, wanted: string, part: TextPart): boolean {
  return part === 'whole' ? text === wanted : text.endsWith(wanted);
}

/** Summaries that are there. */
export class ListedImages extends ImageList {
  readonly #items: Listed<ImageSummary>;

  constructor(images: readonly ImageSummary[]) {
    super();
    this.#items = new Listed(images);
  }

  get length(): number {
    return this.#items.length;
  }

  protected read(start: number, end: number): ImageSummary[] {
    return this.#items.slice(start, end);
  }
}

/** Images of a file with some that are known to be otherwise, and with those that came since. */
export class EditedImages extends ImageList {
  readonly #items: EditedList<ImageSummary>;

  /** @param base of which the length stays. */
  constructor(private readonly base: ImageList) {
    super();
    this.#items = new EditedList(base);
  }

  get length(): number {
    return this.#items.length;
  }

  set(index: number, image: ImageSummary): void {
    this.#items.set(index, image);
  }

  override column(key: NumberKey): Float64Array | Int32Array {
    const { changed, added } = this.#items;
    if (changed.size + added.length === 0) return this.base.column(key);
    const values = new Float64Array(this.length);
    values.set(this.base.column(key));
    for (const [index, image] of changed) values[index] = image[key];
    added.forEach((image, i) => (values[this.base.length + i] = image[key]));
    return values;
  }

  override *texts(key: TextKey): Generator<string, void> {
    const { changed, added } = this.#items;
    let index = 0;
    for (const text of this.base.texts(key)) yield changed.get(index++)?.[key] ?? text;
    for (const image of added) yield image[key];
  }

  override indexOf(key: TextKey, text: string, part: TextPart = 'whole'): number {
    const { changed, added } = this.#items;
    if (changed.size > 0) return super.indexOf(key, text, part);
    const index = this.base.indexOf(key, text, part);
    const behind = index < 0 ? added.findIndex((image) => isText(image[key], text, part)) : -1;
    return behind < 0 ? index : this.base.length + behind;
  }

  override given(key: TextKey): Uint8Array {
    const { changed, added } = this.#items;
    const given = new Uint8Array(this.length);
    given.set(this.base.given(key));
    for (const [index, image] of changed) given[index] = image[key] === '' ? 0 : 1;
    added.forEach((image, i) => (given[this.base.length + i] = image[key] === '' ? 0 : 1));
    return given;
  }

  protected read(start: number, end: number): ImageSummary[] {
    return this.#items.slice(start, end);
  }
}

/** Images whose text is not ''. */
export function numGiven(images: ImageList, key: TextKey): number {
  return images.given(key).reduce((sum, one) => sum + one, 0);
}

/** 1 for each image that `hasNoFiniteLoss`. Cost: three columns. */
export function withoutLoss(images: ImageList): Uint8Array {
  const [numRois, numInvalid, numIgnored] = (['numRois', 'numInvalid', 'numIgnored'] as const).map((key) =>
    images.column(key),
  );
  const without = new Uint8Array(images.length);
  for (let i = 0; i < without.length; i++) {
    const image = { numRois: numRois[i], numInvalid: numInvalid[i], numIgnored: numIgnored[i] };
    if (hasNoFiniteLoss(image)) without[i] = 1;
  }
  return without;
}

export function numWithoutLoss(images: ImageList): number {
  return withoutLoss(images).reduce((sum, one) => sum + one, 0);
}

/** What another mining configuration makes of the first images of a run, as far as it differs from the run's own. */
export interface MinedColumns {
  readonly numImages: number;
  /** One number an image; a column that is absent is the run's own. */
  readonly numbers: Readonly<Partial<Record<NumberKey, Float64Array>>>;
  /** By place: errors that are not the run's own. */
  readonly errors: ReadonlyMap<number, string>;
}

/** The same in a message between processes, which is JSON. */
export interface MinedColumnsMessage {
  readonly numImages: number;
  /** Base64 of float64, little endian. */
  readonly numbers: Readonly<Partial<Record<NumberKey, string>>>;
  readonly errors: readonly (readonly [imageIndex: number, error: string])[];
}

/** A run's images under another mining configuration; its own beyond those that were asked for. */
export class DerivedImages extends ImageList {
  /** @param own may grow. */
  constructor(
    private readonly own: ImageList,
    readonly mined: MinedColumns,
  ) {
    super();
  }

  get length(): number {
    return this.own.length;
  }

  override column(key: NumberKey): Float64Array | Int32Array {
    const values = this.mined.numbers[key];
    if (values === undefined) return this.own.column(key);
    if (values.length >= this.length) return values.subarray(0, this.length);
    const all = Float64Array.from(this.own.column(key));
    all.set(values);
    return all;
  }

  override *texts(key: TextKey): Generator<string, void> {
    if (key !== 'error') return yield* this.own.texts(key);
    let index = 0;
    for (const text of this.own.texts(key)) yield this.mined.errors.get(index++) ?? text;
  }

  override indexOf(key: TextKey, text: string, part: TextPart = 'whole'): number {
    return key === 'error' ? super.indexOf(key, text, part) : this.own.indexOf(key, text, part);
  }

  override given(key: TextKey): Uint8Array {
    const given = this.own.given(key);
    if (key !== 'error') return given;
    for (const [index, error] of this.mined.errors) if (index < given.length) given[index] = error === '' ? 0 : 1;
    return given;
  }

  protected read(start: number, end: number): ImageSummary[] {
    const { numbers, errors, numImages } = this.mined;
    const columns = Object.entries(numbers);
    return this.own.slice(start, end).map((image, i) => {
      const place = start + i;
      if (place >= numImages) return image;
      const now = Object.fromEntries(columns.map(([key, values]) => [key, values[place]]));
      return { ...image, ...now, error: errors.get(place) ?? image.error };
    });
  }
}
