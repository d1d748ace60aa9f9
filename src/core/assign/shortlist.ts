/** The few rows with the smallest keys, kept in order: (key, row) ascending, so that equal keys take lower rows. */
export class Shortlist {
  readonly keys: Float64Array;
  readonly rows: Int32Array;
  count = 0;
  private limit: number;

  /** @param capacity most rows it can hold, > 0. */
  constructor(private readonly capacity: number) {
    this.keys = new Float64Array(capacity);
    this.rows = new Int32Array(capacity);
    this.limit = capacity;
  }

  /** Empties the list; from now on it keeps `limit` rows, at most its capacity. */
  reset(limit = this.capacity): void {
    this.count = 0;
    this.limit = Math.min(limit, this.capacity);
  }

  /** Largest key that is kept; Infinity while there is room. */
  get bar(): number {
    return this.count < this.limit ? Infinity : this.keys[this.count - 1];
  }

  /** Takes the row if its key is among the smallest. NaN and Infinity are never taken. */
  offer(key: number, row: number): void {
    if (!(key < Infinity) || this.limit === 0) return;
    const last = this.count - 1;
    if (this.count === this.limit && !comesBefore(key, row, this.keys[last], this.rows[last])) return;
    let place = this.count < this.limit ? this.count++ : last;
    for (; place > 0 && comesBefore(key, row, this.keys[place - 1], this.rows[place - 1]); place--) {
      this.keys[place] = this.keys[place - 1];
      this.rows[place] = this.rows[place - 1];
    }
    this.keys[place] = key;
    this.rows[place] = row;
  }
}

function comesBefore(key: number, row: number, otherKey: number, otherRow: number): boolean {
  return key < otherKey || (key === otherKey && row < otherRow);
}
