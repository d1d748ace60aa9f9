import type { ByteRange } from '../../../src/arrow/run-columns.js';
import type { RunReader } from '../../../src/run/file/run-store.js';

/** Where an image's record batch lies. */
export function rangeOf({ ranges }: RunReader, imageIndex: number): ByteRange {
  const range = ranges.at(imageIndex);
  if (range === undefined) throw new RangeError(`image ${imageIndex} of ${ranges.length}`);
  return range;
}
