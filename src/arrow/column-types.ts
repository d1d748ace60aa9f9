/** From a column's `Storage` to its array and to the type signature that stands in the schema. */
import type { RunManifest } from '../core/facts/run-manifest.js';
import type { Precision } from '../core/tables.js';
import type { ColumnSpec, RowFormat, Storage } from './run-columns.js';
import { GTS, RANGE_COLUMNS, REST, REST_COLUMNS, ROIS, rowFormat } from './run-columns.js';

export type ColumnArray = Float32Array | Float64Array | Int32Array | Int16Array | Uint8Array | BigInt64Array;

type FixedStorage = Exclude<Storage, 'utf8' | 'real'>;

export const COLUMN_ARRAYS = {
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<FixedStorage, unknown>;

/** `real` made float32 or float64. */
export function fixedStorage(storage: Exclude<Storage, 'utf8'>, precision: Precision): FixedStorage {
  return storage === 'real' ? precision : storage;
}

/** Signature of the schema of a run file, as `readSchema` gives it. */
export function runSignature(manifest: Pick<RunManifest, 'precision' | 'ohemRun'>): string {
  const { precision } = manifest;
  const { summary, rois, gts, hasRest } = rowFormat(manifest);
  const list = (name: string, columns: readonly ColumnSpec<string>[]) =>
    `${name}:list<item:struct<${columnSignatures(columns, precision)}>>`;
  const rest = hasRest ? [list(REST, REST_COLUMNS)] : [];
  return [columnSignatures(summary, precision), list(ROIS, rois), list(GTS, gts), ...rest].join(',');
}

/** Signature of the schema of an index. */
export function indexSignature({ summary }: Pick<RowFormat, 'summary'>): string {
  return columnSignatures([...summary, ...RANGE_COLUMNS], 'float64');
}

function columnSignatures(columns: readonly ColumnSpec<string>[], precision: Precision): string {
  return columns
    .map(({ name, storage, stride }) => {
      const type = storage === 'utf8' ? storage : fixedStorage(storage, precision);
      return stride === undefined ? `${name}:${type}` : `${name}:fixed${stride}<item:${type}>`;
    })
    .join(',');
}
