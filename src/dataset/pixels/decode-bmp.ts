/**
 * Windows bitmaps, which libvips does not read. Uncompressed forms with any header version: palette (1, 4, 8 bit),
 * 16, 24 and 32 bit with default or given channel masks, bottom-up and top-down. Run-length coding and embedded
 * JPEG or PNG are refused by name. The two packages that read BMP were tried and left: fast-bmp 4.0.1 reads neither
 * palettes nor top-down rows, bmp-ts 1.0.9 loops or misplaces pixels on broken run lengths and broken headers.
 * Source: Microsoft "Bitmap Storage", BITMAPINFOHEADER, BITMAPV4HEADER. Alpha is dropped as in `decodeImage`.
 */
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { RgbImage } from '../../core/graph.js';

/** What the headers of a bitmap say. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bitsPerPixel: number;
  /** Where the pixels begin. */
  readonly pixels: number;
  readonly rowBytes: number;
  /** RGB triples of a palette; empty without one. */
  readonly palette: Uint8Array;
  /** R, G, B masks of 16 and 32 bit pixels. */
  readonly masks: readonly [number, number, number];
}

const BI_RGB = 0;
const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;
const COMPRESSIONS = [
  'none',
  'run lengths (RLE8)',
  'run lengths (RLE4)',
  'bit fields',
  'an embedded JPEG',
  'an embedded PNG',
];
const DEPTHS = [1, 4, 8, 16, 24, 32];
const FILE_HEADER = 14;
const CORE_HEADER = 12;
const INFO_HEADER = 40;

/** Do the bytes begin like a bitmap file? */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length > FILE_HEADER;
}

/** Width and height in px. @throws MiningError 'image' where the header is broken. */
export function bmpSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  const { width, height } = readSize(viewOf(bytes), name);
  return { width, height: Math.abs(height) };
}

/**
 * Decodes a bitmap of at most `maxPixels`.
 * @throws MiningError 'image' where it is broken, truncated, too large or compressed.
 */
export function decodeBmp(bytes: Uint8Array, name: string, maxPixels: number): RgbImage {
  const header = readHeader(bytes, name, maxPixels);
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  const fillRow = rowReader(bytes, header, data);
  for (let y = 0; y < height; y++) {
    const stored = header.isTopDown ? y : height - 1 - y;
    fillRow(header.pixels + stored * header.rowBytes, y * width * 3);
  }
  return { width, height, data };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Signed height: below 0 the first row is the top one. */
function readSize(view: DataView, name: string): { headerBytes: number; width: number; height: number } {
  const headerBytes = view.byteLength >= FILE_HEADER + CORE_HEADER ? view.getUint32(FILE_HEADER, true) : 0;
  const isCore = headerBytes === CORE_HEADER;
  if ((!isCore && headerBytes < INFO_HEADER) || view.byteLength < FILE_HEADER + headerBytes) {
    throw new MiningError('image', 'BMP header', 'a complete bitmap header', said`${view.byteLength} bytes`, {
      file: name,
    });
  }
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  if (width <= 0 || height === 0)
    throw new MiningError('image', 'BMP size', 'width and height above 0', `${width} x ${height}`, { file: name });
  return { headerBytes, width, height };
}

function readHeader(bytes: Uint8Array, name: string, maxPixels: number): BmpHeader {
  const view = viewOf(bytes);
  const { headerBytes, width, height: signedHeight } = readSize(view, name);
  const height = Math.abs(signedHeight);
  if (width * height > maxPixels) {
    throw new MiningError('image', 'image size', said`at most ${maxPixels} pixels`, `${width} x ${height}`, {
      file: name,
    });
  }
  const isCore = headerBytes === CORE_HEADER;
  const bitsPerPixel = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? BI_RGB : view.getUint32(30, true);
  checkForm(bitsPerPixel, compression, name);
  const pixels = view.getUint32(10, true);
  const rowBytes = Math.floor((bitsPerPixel * width + 31) / 32) * 4;
  if (pixels + rowBytes * height > bytes.length) {
    throw new MiningError(
      'image',
      'BMP pixels',
      said`${rowBytes * height} bytes`,
      said`${Math.max(0, bytes.length - pixels)}: the file is truncated`,
      { file: name },
    );
  }
  const usedColours = isCore ? 0 : view.getUint32(46, true);
  const palette =
    bitsPerPixel <= 8
      ? readPalette(bytes, FILE_HEADER + headerBytes, isCore ? 3 : 4, bitsPerPixel, usedColours, pixels)
      : new Uint8Array(0);
  const masks = readMasks(view, bitsPerPixel, compression, name);
  return { width, height, isTopDown: signedHeight < 0, bitsPerPixel, pixels, rowBytes, palette, masks };
}

function checkForm(bitsPerPixel: number, compression: number, name: string): void {
  if (!DEPTHS.includes(bitsPerPixel)) {
    throw new MiningError('image', 'BMP bits per pixel', said`one of ${DEPTHS.join(', ')}`, String(bitsPerPixel), {
      file: name,
    });
  }
  const hasMasks = compression === BI_BITFIELDS || compression === BI_ALPHABITFIELDS;
  if (compression === BI_RGB || (hasMasks && (bitsPerPixel === 16 || bitsPerPixel === 32))) return;
  throw new MiningError(
    'image',
    'BMP compression',
    'an uncompressed bitmap',
    COMPRESSIONS[compression] ?? String(compression),
    { file: name },
  );
}

/** Colours beyond the stored ones are black, so that no index can miss. */
function readPalette(
  bytes: Uint8Array,
  start: number,
  stride: number,
  bitsPerPixel: number,
  usedColours: number,
  end: number,
): Uint8Array {
  const most = 1 << bitsPerPixel;
  const palette = new Uint8Array(most * 3);
  const stored = Math.floor((Math.min(end, bytes.length) - start) / stride);
  const count = Math.max(0, Math.min(usedColours || most, most, stored));
  for (let i = 0; i < count; i++) {
    palette[i * 3] = bytes[start + i * stride + 2];
    palette[i * 3 + 1] = bytes[start + i * stride + 1];
    palette[i * 3 + 2] = bytes[start + i * stride];
  }
  return palette;
}

function readMasks(view: DataView, bitsPerPixel: number, compression: number, name: string): [number, number, number] {
  if (compression === BI_RGB) return bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0xff00, 0xff];
  const at = FILE_HEADER + INFO_HEADER;
  if (view.byteLength < at + 12)
    throw new MiningError('image', 'BMP masks', '3 channel masks', 'the end of the file', { file: name });
  return [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
}

/** Reads one stored row at byte `from` into `data` at `to`. */
function rowReader(bytes: Uint8Array, header: BmpHeader, data: Uint8Array): (from: number, to: number) => void {
  if (header.bitsPerPixel <= 8) return paletteRow(bytes, header, data);
  if (header.bitsPerPixel === 24) return bgrRow(bytes, header.width, data);
  return maskedRow(bytes, header, data);
}

function paletteRow(bytes: Uint8Array, { width, bitsPerPixel, palette }: BmpHeader, data: Uint8Array) {
  const perByte = 8 / bitsPerPixel;
  const most = (1 << bitsPerPixel) - 1;
  return (from: number, to: number) => {
    for (let x = 0; x < width; x++) {
      const shift = 8 - bitsPerPixel * ((x % perByte) + 1);
      const index = (bytes[from + Math.floor(x / perByte)] >> shift) & most;
      for (let c = 0; c < 3; c++) data[to + x * 3 + c] = palette[index * 3 + c];
    }
  };
}

function bgrRow(bytes: Uint8Array, width: number, data: Uint8Array) {
  return (from: number, to: number) => {
    for (let x = 0; x < width * 3; x += 3) {
      data[to + x] = bytes[from + x + 2];
      data[to + x + 1] = bytes[from + x + 1];
      data[to + x + 2] = bytes[from + x];
    }
  };
}

function maskedRow(bytes: Uint8Array, { width, bitsPerPixel, masks }: BmpHeader, data: Uint8Array) {
  const view = viewOf(bytes);
  const channels = masks.map(channelOf);
  return (from: number, to: number) => {
    for (let x = 0; x < width; x++) {
      const pixel = bitsPerPixel === 16 ? view.getUint16(from + x * 2, true) : view.getUint32(from + x * 4, true);
      for (let c = 0; c < 3; c++) data[to + x * 3 + c] = channels[c](pixel);
    }
  };
}

/** The channel under a mask as 8 bits, its full scale at 255; an empty mask gives 0. */
function channelOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / most);
}
