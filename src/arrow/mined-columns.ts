/** `MinedColumns` in a message between processes, which is JSON: a million numbers a column. */
import type { MinedColumns, MinedColumnsMessage } from '../core/facts/image-list.js';

export function packColumns({ numImages, numbers, errors }: MinedColumns): MinedColumnsMessage {
  const packed = Object.entries(numbers).map(([key, { buffer }]) => [key, Buffer.from(buffer).toString('base64')]);
  return { numImages, numbers: Object.fromEntries(packed), errors: [...errors] };
}

export function unpackColumns({ numImages, numbers, errors }: MinedColumnsMessage): MinedColumns {
  const unpacked = Object.entries(numbers).map(([key, text]) => {
    const values = new Float64Array(numImages);
    Buffer.from(values.buffer).write(text, 'base64');
    return [key, values];
  });
  return { numImages, numbers: Object.fromEntries(unpacked), errors: new Map(errors) };
}
