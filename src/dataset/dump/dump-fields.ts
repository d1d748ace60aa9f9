/** Fields of one JSON line of a dump, checked as they are read. */
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';

/** Numbers that JSON lacks. */
const NAMED_NUMBERS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

export class DumpFields {
  constructor(
    private readonly record: Readonly<Record<string, unknown>>,
    private readonly where: Phrase,
    private readonly file: string,
  ) {}

  /** A field that is absent or null is not given. */
  has(key: string): boolean {
    return this.record[key] !== undefined && this.record[key] !== null;
  }

  raw(key: string): unknown {
    return this.record[key];
  }

  text(key: string): string {
    const value = this.record[key];
    if (typeof value !== 'string') throw this.error(key, 'a text', value);
    return value;
  }

  /** A size in px; 0 where it is not given. */
  size(key: string): number {
    if (!this.has(key)) return 0;
    const value = this.record[key];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw this.error(key, 'an integer of at least 1', value);
    return value;
  }

  list(key: string): readonly unknown[] {
    const value = this.record[key];
    if (!Array.isArray(value)) throw this.error(key, 'a list', value);
    return value;
  }

  /** `count` reals; null where the field is not given. */
  numbers(key: string, count: number): Float64Array | null {
    if (!this.has(key)) return null;
    const list = this.list(key);
    this.#checkCount(key, list, count);
    const values = new Float64Array(count);
    // A field's name is only made where it is told, here and below.
    for (let i = 0; i < count; i++) {
      const value = list[i];
      values[i] = typeof value === 'number' ? value : this.#named(`${key}[${i}]`, value);
    }
    return values;
  }

  /** `count` rows of `width` reals, row-major; null where the field is not given. */
  rows(key: string, count: number, width: number): Float64Array | null {
    if (!this.has(key)) return null;
    const list = this.list(key);
    this.#checkCount(key, list, count);
    const values = new Float64Array(count * width);
    for (let i = 0; i < count; i++) {
      const row: unknown = list[i];
      if (!Array.isArray(row) || row.length !== width) {
        throw this.error(`${key}[${i}]`, said`a list of ${width} numbers`, Array.isArray(row) ? row.length : row);
      }
      for (let j = 0; j < width; j++) {
        const value: unknown = row[j];
        values[i * width + j] = typeof value === 'number' ? value : this.#named(`${key}[${i}][${j}]`, value);
      }
    }
    return values;
  }

  /** `count` integers in [min, max]; null where the field is not given. */
  integers(key: string, count: number, min: number, max: number): Int32Array | null {
    if (!this.has(key)) return null;
    const list = this.list(key);
    this.#checkCount(key, list, count);
    const values = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const value = list[i];
      values[i] = isInteger(value, min, max) ? value : this.integer(`${key}[${i}]`, value, min, max);
    }
    return values;
  }

  integer(field: string, value: unknown, min: number, max: number): number {
    if (isInteger(value, min, max)) return value;
    throw this.error(field, said`an integer in [${min}, ${max}]`, value);
  }

  /** One real as a column of one row; null where the field is not given. */
  single(key: string): Float64Array | null {
    if (!this.has(key)) return null;
    const value = this.record[key];
    return Float64Array.of(typeof value === 'number' ? value : this.#named(key, value));
  }

  /** A truth value, also as 0 or 1; false where it is not given. */
  flag(key: string): boolean {
    if (!this.has(key)) return false;
    const value = this.record[key];
    if (value !== true && value !== false && value !== 0 && value !== 1) throw this.error(key, 'true or false', value);
    return Boolean(value);
  }

  /** The fields of an object inside this one. */
  child(field: string, value: unknown): DumpFields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.error(field, 'an object', value);
    return new DumpFields(value as Readonly<Record<string, unknown>>, said`${this.where}: ${field}`, this.file);
  }

  error(field: string, expected: Phrase, received: unknown): MiningError {
    return new MiningError(
      'dump',
      said`${this.where}: ${field}`,
      expected,
      received === undefined ? 'nothing' : show(received),
      { file: this.file },
    );
  }

  /** A number that JSON lacks. */
  #named(field: string, value: unknown): number {
    const named = typeof value === 'string' && Object.hasOwn(NAMED_NUMBERS, value) ? NAMED_NUMBERS[value] : undefined;
    if (named === undefined) throw this.error(field, 'a number, "NaN", "Infinity" or "-Infinity"', value);
    return named;
  }

  #checkCount(key: string, list: readonly unknown[], count: number): void {
    if (list.length !== count) throw this.error(key, said`${count} entries`, list.length);
  }
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
