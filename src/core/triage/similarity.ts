/** How alike two things look to a network: the cosine of their features. */

/**
 * Scales vectors to length 1, in place; one of zeros, or with a value that is not finite, becomes NaN.
 * @param rows row-major, `size` numbers each.
 */
export function normalise(rows: Float32Array, size: number): Float32Array {
  for (let start = 0; start < rows.length; start += size) {
    const row = rows.subarray(start, start + size);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    row.forEach((value, i) => (row[i] = length > 0 && length < Infinity ? value / length : NaN));
  }
  return rows;
}

/**
 * The cosine of each row with `other`, [-1, 1]; NaN where one of them is NaN.
 * @param rows of length 1 each, row-major; @param other of length 1.
 * Cost: rows × size.
 */
export function cosines(rows: Float32Array, other: Float32Array): Float32Array {
  const size = other.length;
  const found = new Float32Array(size === 0 ? 0 : rows.length / size);
  for (let row = 0; row < found.length; row++) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (rows[row * size + i] ?? NaN) * (other[i] ?? NaN);
    found[row] = Math.min(Math.max(sum, -1), 1);
  }
  return found;
}
