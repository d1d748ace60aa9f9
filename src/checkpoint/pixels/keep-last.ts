/**
 * Keeps what was made for the last keys: a data set alternates between few sizes.
 * @param most results in memory, > 0; the one that was not asked for longest goes first.
 * @param keyOf arguments with the same key give the same result.
 */
export function keepLast<A extends readonly unknown[], T>(
  most: number,
  keyOf: (...given: A) => string,
  make: (...given: A) => T,
): (...given: A) => T {
  const kept = new Map<string, T>();
  return (...given) => {
    const key = keyOf(...given);
    const value = kept.get(key) ?? make(...given);
    // Set anew, so that the first key is the one that was not asked for longest.
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > most) kept.delete(kept.keys().next().value ?? key);
    return value;
  };
}
