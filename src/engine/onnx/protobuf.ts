/**
 * Protobuf's wire format in a file, field by field: what is skipped is never read, so a file of gigabytes costs a few
 * reads.
 *
 * Source: protobuf's encoding: key = field << 3 | type, types 0 varint, 1 eight bytes, 2 length-delimited, 5 four
 * bytes; the fields of a message that is given twice are merged, repeated ones one after the other.
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';

/** A varint takes at most ten bytes; a key and a length, twenty. */
const HEADER_BYTES = 20;
const WINDOW_BYTES = 1 << 16;
/** Fields that are looked at in one file. Large graphs have some 100,000; made-up files may have any number. */
const MOST_FIELDS = 1 << 24;
/** Names and entries, bytes, each and all of them. */
const LONGEST_TEXT = 1 << 22;
const MOST_TEXT = 1 << 26;

/** Bytes [from, to) of a file. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A field: `from` is its key, `body` what follows key and length. */
export interface Field extends Span {
  readonly number: number;
  /** Of a varint; else 0. */
  readonly value: number;
  readonly body: number;
  /** It has a body that may be text or a message. */
  readonly isDelimited: boolean;
}

export class ProtobufFile {
  readonly size: number;
  private window: Uint8Array = new Uint8Array(0);
  private windowAt = 0;
  private numFields = 0;
  private numText = 0;

  /** @param file a regular file of `size` bytes, open for as long as this is used. @param path named in errors. */
  constructor(
    private readonly file: FileHandle,
    size: number,
    private readonly path: string,
  ) {
    this.size = size;
  }

  /**
   * The fields of the message at [from, to). Cost: linear in their number, whatever they hold.
   * @throws MiningError 'checkpoint' for bytes that are no fields, and where the file is truncated.
   */
  *fields(from = 0, to = this.size): Generator<Field> {
    for (let at = from; at < to;) {
      const field = this.field(at);
      if (field.to > this.size) {
        throw new MiningError('checkpoint', 'file', said`at least ${field.to} bytes`, said`${this.size} bytes`, {
          file: this.path,
          todo: 'The file is truncated',
        });
      }
      if (field.to > to || ++this.numFields > MOST_FIELDS) throw this.notOnnx();
      yield field;
      at = field.to;
    }
  }

  /** A delimited field as UTF-8; '' where it is longer than any name. */
  text({ body, to, isDelimited }: Field): string {
    const length = to - body;
    if (!isDelimited || length > LONGEST_TEXT || this.numText + length > MOST_TEXT) return '';
    this.numText += length;
    return new TextDecoder().decode(this.bytes(body, length));
  }

  /** What every reader of such a file says of other bytes. */
  notOnnx(): MiningError {
    return new MiningError('checkpoint', 'file', 'an ONNX model (protobuf)', 'other bytes', { file: this.path });
  }

  private field(from: number): Field {
    const header = this.bytes(from, Math.min(HEADER_BYTES, this.size - from));
    const key = this.varint(header, 0);
    const number = Math.floor(key.value / 8);
    const fixed = { 1: 8, 5: 4 }[key.value % 8] ?? 0;
    if (number === 0) throw this.notOnnx();
    if (fixed > 0)
      return { number, value: 0, isDelimited: false, from, body: from + key.end, to: from + key.end + fixed };
    const isDelimited = key.value % 8 === 2;
    if (!isDelimited && key.value % 8 !== 0) throw this.notOnnx();
    const { value, end } = this.varint(header, key.end);
    const body = from + end;
    return { number, value: isDelimited ? 0 : value, isDelimited, from, body, to: isDelimited ? body + value : body };
  }

  private varint(bytes: Uint8Array, start: number): { value: number; end: number } {
    let value = 0;
    let [end, scale] = [start, 1];
    for (const byte of bytes.subarray(start)) {
      end++;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return { value, end };
    }
    throw this.notOnnx();
  }

  private bytes(at: number, length: number): Uint8Array {
    const inWindow = at - this.windowAt;
    if (inWindow < 0 || inWindow + length > this.window.length) {
      const wanted = new Uint8Array(Math.min(Math.max(WINDOW_BYTES, length), this.size - at));
      this.window = wanted.subarray(0, readSync(this.file.fd, wanted, 0, wanted.length, at));
      this.windowAt = at;
    }
    return this.window.subarray(at - this.windowAt, at - this.windowAt + length);
  }
}

/** A delimited field, as bytes that come one after the other. */
export function delimited(number: number, ...body: readonly Uint8Array[]): Uint8Array[] {
  const length = body.reduce((sum, bytes) => sum + bytes.length, 0);
  return [Uint8Array.from([...varintOf(number * 8 + 2), ...varintOf(length)]), ...body];
}

function varintOf(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varintOf(Math.floor(value / 128))];
}
