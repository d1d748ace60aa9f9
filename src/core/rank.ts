/**
 * The loss order: loss descending, equal losses by row ascending.
 *
 * A radix sort on the losses rounded to float32 (three passes), then losses that rounding made equal are put right:
 * exact, stable, and linear but for those few. At 8,400 rows about a tenth of a comparison sort's time.
 */

const DIGIT_BITS = 11;
const NUM_DIGITS = 1 << DIGIT_BITS;

/**
 * `rows` in loss order, hardest first.
 * @param loss one finite loss a row of the table; 0 and -0 are equal.
 * @param rows rows to order, ascending: equal losses keep this order. Zero rows give zero rows.
 * @returns a new array.
 * Cost: linear; n log n where most losses differ by less than float32 resolves.
 */
export function rankRows(loss: Float64Array, rows: Int32Array): Int32Array {
  let sorted: Keyed = { rows, keys: descendingKeys(loss, rows) };
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) sorted = sortByDigit(sorted, shift);
  orderEqualKeys(loss, sorted);
  return sorted.rows;
}

/** Rows and the key of each. */
interface Keyed {
  readonly rows: Int32Array;
  readonly keys: Uint32Array;
}

/** A word a row whose unsigned ascending order is the descending order of the losses as float32. */
function descendingKeys(loss: Float64Array, rows: Int32Array): Uint32Array {
  const rounded = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) rounded[i] = loss[rows[i]] + 0; // -0 + 0 = 0
  const keys = new Uint32Array(rounded.buffer);
  // The bits of a positive float ascend with it, those of a negative one descend (IEEE 754).
  for (let i = 0; i < keys.length; i += 1) if (keys[i] >>> 31 === 0) keys[i] ^= 0x7fff_ffff;
  return keys;
}

/** One stable counting pass. */
function sortByDigit({ rows, keys }: Keyed, shift: number): Keyed {
  const next = new Int32Array(NUM_DIGITS + 1);
  for (let i = 0; i < keys.length; i += 1) next[((keys[i] >>> shift) & (NUM_DIGITS - 1)) + 1] += 1;
  for (let digit = 1; digit < NUM_DIGITS; digit += 1) next[digit] += next[digit - 1];
  const sorted = { rows: new Int32Array(rows.length), keys: new Uint32Array(rows.length) };
  for (let i = 0; i < rows.length; i += 1) {
    const key = keys[i];
    const to = next[(key >>> shift) & (NUM_DIGITS - 1)]++;
    sorted.rows[to] = rows[i];
    sorted.keys[to] = key;
  }
  return sorted;
}

/** Sorts each run of equal keys by the losses themselves, where it is not in order already. */
function orderEqualKeys(loss: Float64Array, { rows: order, keys }: Keyed): void {
  let start = 0;
  let ordered = true;
  for (let i = 1; i <= order.length; i += 1) {
    if (i < order.length && keys[i] === keys[start]) {
      if (loss[order[i]] > loss[order[i - 1]]) ordered = false;
      continue;
    }
    if (!ordered) order.subarray(start, i).sort((a, b) => loss[b] - loss[a] || a - b);
    start = i;
    ordered = true;
  }
}
