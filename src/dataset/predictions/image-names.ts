/** Finds a data set's images by the words that files of predictions have for them. */
import path from 'node:path';
import { NONE, type ImageTable } from '../../core/tables.js';
import type { DatasetIds } from '../dataset.js';

export class ImageNames {
  private readonly ofId = new Map<string, number>();
  /**
   * By what several may share: the end of a path, with the file's ending and without, in composed letters, which macOS
   * takes apart; NONE where they do.
   */
  private readonly ofEnd = new Map<string, number>();
  private readonly known = new Map<string | number, number>();

  constructor(
    images: ImageTable,
    private readonly ids: DatasetIds | undefined,
  ) {
    images.id.forEach((id, row) => {
      this.ofId.set(id, row);
      for (const end of endsOf(id.normalize('NFC')))
        for (const name of new Set([end, withoutEnding(end)]))
          this.ofEnd.set(name, (this.ofEnd.get(name) ?? row) === row ? row : NONE);
    });
  }

  /**
   * The row of an image; NONE where the data set has no such one, or several that could be meant. An id of a COCO file
   * comes first; then the longest end of the path that an image has, so that the folders around it need not be those
   * of the data set. A number where there are no ids is a name of digits, with or without zeros in front.
   */
  rowOf(image: string | number): number {
    const known = this.known.get(image);
    if (known !== undefined) return known;
    const row =
      this.ids?.imageOf.get(image) ?? (typeof image === 'number' ? this.#byDigits(image) : this.#byPath(image));
    this.known.set(image, row);
    return row;
  }

  #byPath(image: string): number {
    for (const end of endsOf(path.posix.normalize(image.replaceAll('\\', '/')))) {
      const row = this.ofId.get(end) ?? this.ofEnd.get(end.normalize('NFC'));
      if (row !== undefined) return row;
    }
    return NONE;
  }

  #byDigits(image: number): number {
    if (this.ids !== undefined) return NONE;
    this.#digits ??= numbered(this.ofEnd);
    return this.#digits.get(image) ?? NONE;
  }

  #digits: Map<number, number> | undefined;
}

function numbered(names: ReadonlyMap<string, number>): Map<number, number> {
  const rows = new Map<number, number>();
  for (const [name, row] of names) {
    if (!/^\d{1,15}$/.test(name)) continue;
    const number = Number(name);
    rows.set(number, (rows.get(number) ?? row) === row ? row : NONE);
  }
  return rows;
}

/** A path, then without its first folder, and so on to its name. */
function* endsOf(id: string): Generator<string> {
  for (let end = id; ; end = end.slice(end.indexOf('/') + 1)) {
    yield end;
    if (!end.includes('/')) return;
  }
}

function withoutEnding(name: string): string {
  return name.slice(0, name.length - path.posix.extname(name).length);
}
