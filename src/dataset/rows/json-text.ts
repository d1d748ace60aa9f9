/** JSON files that fit into memory as a tree: parsed with a clear error, and read without trusting a value. */
import { MiningError, show } from '../../core/mining-error.js';
import { decodeText } from './text-files.js';

/** Above this a file belongs to the formats that are read element by element, bytes. */
export const MAX_JSON_BYTES = 2 ** 26;

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws MiningError 'dataset' where the bytes are no UTF-8, or no JSON. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  const text = decodeText(bytes, file);
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new MiningError('dataset', 'JSON', 'valid JSON', show(message, 120), { file });
  }
}

/** The value as an object; of anything else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value as a list; of anything else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a finite number; NaN for anything else. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : NaN;
}

/** '' for anything but a string or a number. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A whole number of pixels above 0; 0 for anything else. */
export function pixelsOf(value: unknown): number {
  const size = Math.round(numberOf(value));
  return size > 0 && size < 2 ** 31 ? size : 0;
}
