/** Lists whose items are made when they are looked at. */

/** Items that are made at once where all are gone through. */
const CHUNK = 1024;

/** As a readonly array, but for `[i]`, which is `at(i)`. Going through it makes the items chunk by chunk. */
export abstract class LazyList<T> implements Iterable<T> {
  abstract readonly length: number;

  /** Items [start, end), both inside the list. */
  protected abstract read(start: number, end: number): T[];

  /** Items [start, end) as an array of its own; what lies outside of the list is left out. */
  slice(start = 0, end = this.length): T[] {
    const last = Math.min(end, this.length);
    return start < last ? this.read(Math.max(0, start), last) : [];
  }

  /** undefined where the list has no such place; none is counted from the end. */
  at(index: number): T | undefined {
    return Number.isInteger(index) && index >= 0 ? this.slice(index, index + 1)[0] : undefined;
  }

  get last(): T | undefined {
    return this.at(this.length - 1);
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (let start = 0; start < this.length; start += CHUNK) yield* this.slice(start, start + CHUNK);
  }

  *entries(): Generator<[number, T], void> {
    let index = 0;
    for (const item of this) yield [index++, item];
  }

  map<U>(make: (item: T, index: number) => U): U[] {
    return Array.from(this, make);
  }

  filter(isWanted: (item: T, index: number) => boolean): T[] {
    const found: T[] = [];
    for (const [index, item] of this.entries()) if (isWanted(item, index)) found.push(item);
    return found;
  }

  some(is: (item: T, index: number) => boolean): boolean {
    for (const [index, item] of this.entries()) if (is(item, index)) return true;
    return false;
  }

  every(is: (item: T, index: number) => boolean): boolean {
    return !this.some((item, index) => !is(item, index));
  }
}

/** Items that are there. */
export class Listed<T> extends LazyList<T> {
  constructor(private readonly items: readonly T[]) {
    super();
  }

  get length(): number {
    return this.items.length;
  }

  protected read(start: number, end: number): T[] {
    return this.items.slice(start, end);
  }
}

/** Another list, with items in the place of its own and behind them. */
export class EditedList<T> extends LazyList<T> {
  readonly #changed = new Map<number, T>();
  readonly #added: T[] = [];

  /** @param base of which the length stays. */
  constructor(private readonly base: LazyList<T>) {
    super();
  }

  get length(): number {
    return this.base.length + this.#added.length;
  }

  /** Items in the place of others. */
  get changed(): ReadonlyMap<number, T> {
    return this.#changed;
  }

  /** Items behind those of the base. */
  get added(): readonly T[] {
    return this.#added;
  }

  set(index: number, item: T): void {
    const { length } = this.base;
    if (index < length) this.#changed.set(index, item);
    else this.#added[index - length] = item;
  }

  protected read(start: number, end: number): T[] {
    const { length } = this.base;
    const items = this.base.slice(start, end);
    if (this.#changed.size > 0) items.forEach((item, i) => (items[i] = this.#changed.get(start + i) ?? item));
    return end > length ? items.concat(this.#added.slice(Math.max(0, start - length), end - length)) : items;
  }
}
