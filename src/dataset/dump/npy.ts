/** NumPy's array format. Source: numpy `lib/format.py`, versions 1 to 3. Numbers become float64, texts strings. */

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly numbers: Float64Array | null;
  readonly texts: readonly string[] | null;
}

/** An array that is none of ours; the message says what is there instead. */
export class NpyError extends Error {}

const MAGIC = '\u0093NUMPY';

/** What a value takes in memory at most: a number becomes a float64, a text a string of its own, bytes. */
const NUMBER_BYTES = 8;
const TEXT_BYTES = 64;

/**
 * @param maxMemory what the values may take in memory, bytes.
 * @throws NpyError for objects (pickles), structures, anything that is cut short, and above `maxMemory`.
 */
export function parseNpy(bytes: Buffer, maxMemory = Infinity): NpyArray {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== MAGIC) throw new NpyError('no NumPy array');
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start + (bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > bytes.length) throw new NpyError('an array that is cut short');
  const { descr, fortran, shape } = parseHeader(bytes.toString('latin1', start, end));
  const count = shape.reduce((product, length) => product * length, 1);
  const data = bytes.subarray(end);
  const { kind, size, little } = parseType(descr);
  if (!Number.isSafeInteger(count) || count * size > data.length) throw new NpyError('an array that is cut short');
  // They would be as many as the header says, of no bytes at all.
  if (size === 0 && count > 0) throw new NpyError('texts of no width');
  const memory = count * (kind === 'U' || kind === 'S' ? TEXT_BYTES + size : NUMBER_BYTES);
  if (memory > maxMemory) throw new NpyError(`${count} values, too many for ${maxMemory} bytes of memory`);
  if (kind === 'U' || kind === 'S') return { shape, numbers: null, texts: readTexts(data, count, kind, size, little) };
  const numbers = readNumbers(data, count, kind, size, little);
  return { shape, numbers: fortran ? toRowMajor(numbers, shape) : numbers, texts: null };
}

function parseHeader(text: string): { descr: string; fortran: boolean; shape: number[] } {
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined) throw new NpyError('an array of structures');
  if (order === undefined || shape === undefined) throw new NpyError('a broken array header');
  return {
    descr,
    fortran: order === 'True',
    shape: shape
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number),
  };
}

type NumberKind = 'f' | 'i' | 'u' | 'b';

function parseType(descr: string): { kind: NumberKind | 'U' | 'S'; size: number; little: boolean } {
  const match = /^([<>|=])([fiubUSO])(\d*)$/.exec(descr);
  if (match === null) throw new NpyError(`an array of type ${descr}`);
  const [, order, kind, digits] = match;
  if (kind === 'O') throw new NpyError('an array of Python objects (a pickle), which is never read');
  const length = Number(digits);
  const allowed = { f: [2, 4, 8], i: [1, 2, 4, 8], u: [1, 2, 4, 8], b: [1] } as const;
  if (kind === 'U' || kind === 'S') return { kind, size: kind === 'U' ? length * 4 : length, little: order !== '>' };
  const sizes: readonly number[] = allowed[kind as NumberKind];
  if (!sizes.includes(length)) throw new NpyError(`an array of type ${descr}`);
  return { kind: kind as NumberKind, size: length, little: order !== '>' };
}

function readNumbers(data: Buffer, count: number, kind: NumberKind, size: number, little: boolean): Float64Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = numberReader(view, kind, size, little);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = read(i * size);
  return numbers;
}

function numberReader(view: DataView, kind: NumberKind, size: number, little: boolean): (at: number) => number {
  switch (`${kind}${size}`) {
    case 'f8':
      return (at) => view.getFloat64(at, little);
    case 'f4':
      return (at) => view.getFloat32(at, little);
    case 'f2':
      return (at) => halfToNumber(view.getUint16(at, little));
    case 'i8':
      return (at) => Number(view.getBigInt64(at, little));
    case 'u8':
      return (at) => Number(view.getBigUint64(at, little));
    case 'i4':
      return (at) => view.getInt32(at, little);
    case 'u4':
      return (at) => view.getUint32(at, little);
    case 'i2':
      return (at) => view.getInt16(at, little);
    case 'u2':
      return (at) => view.getUint16(at, little);
    case 'i1':
      return (at) => view.getInt8(at);
    default:
      return (at) => view.getUint8(at);
  }
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** NumPy pads texts with NULs. */
function readTexts(data: Buffer, count: number, kind: 'U' | 'S', size: number, little: boolean): string[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = data.subarray(i * size, (i + 1) * size);
    return withoutPadding(kind === 'S' ? bytes.toString('utf8') : utf32(bytes, little));
  });
}

/** Not by a regular expression: `\0+$` would look at a run of NULs once for each of them. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

function utf32(bytes: Buffer, little: boolean): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    if (point > 0x10_ffff) throw new NpyError('a text of other characters than Unicode');
    text += String.fromCodePoint(point);
  }
  return text;
}

function toRowMajor(columns: Float64Array, shape: readonly number[]): Float64Array {
  if (shape.length < 2) return columns;
  if (shape.length > 2) throw new NpyError(`an array of ${shape.length} dimensions in Fortran order`);
  const [numRows, width] = shape;
  return Float64Array.from(columns, (_, i) => columns[(i % width) * numRows + Math.floor(i / width)]);
}
