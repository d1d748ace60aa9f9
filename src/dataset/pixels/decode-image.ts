/**
 * Image files to 8-bit RGB: JPEG, PNG, WebP, TIFF, GIF and AVIF by sharp (libvips), BMP by our own decoder.
 *
 * Upright (EXIF orientation applied), first frame or page, grey repeated to three channels, 16 bit scaled to 8, CMYK
 * converted, alpha dropped: the colour under it is kept, as cv2 and PIL's convert('RGB') do in training code. Embedded
 * colour profiles are applied, so that the model sees what the panel shows (docs/adr/0012).
 *
 * One libvips thread: a 640x480 JPEG takes 2.74 ms with one and 2.75 ms with two (fastest of 150, two cores), as JPEG
 * is sequential; the other core belongs to the model. Files are read here rather than by libvips: one place for missing
 * files and size limits, and the WebAssembly build of sharp then behaves the same.
 */
import path from 'node:path';
import type Sharp from 'sharp';
import type { RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { replaceFile } from '../../files/replacing.js';
import { bmpSize, decodeBmp, isBmp } from './decode-bmp.js';
import { reasonOf } from '../rows/text-files.js';
import { openRegular, readRegular } from '../../files/reading.js';

/** Images above this are refused before a pixel is decoded: 2^27 pixels are 400 MB of RGB. */
export const MAX_PIXELS = 2 ** 27;
const MAX_FILE_BYTES = 2 ** 30;
/**
 * Truncated and broken data fail; remarks such as "extraneous bytes before marker" do not, nor do they in cv2 or PIL.
 */
const READING = { failOn: 'error', limitInputPixels: MAX_PIXELS } as const;

type SharpModule = typeof Sharp;
let loading: Promise<SharpModule> | undefined;

/** Loads sharp when the first image needs it, so that a platform without it can still read everything else. */
function loadSharp(): Promise<SharpModule> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/**
 * Decodes a file, or bytes of one. The image is fresh memory of the caller's.
 * @throws MiningError 'image' where it is missing, broken, truncated, of another format or above `MAX_PIXELS`.
 */
export async function decodeImage(pathOrBytes: string | Uint8Array): Promise<RgbImage> {
  const name = typeof pathOrBytes === 'string' ? pathOrBytes : 'image bytes';
  const bytes = typeof pathOrBytes === 'string' ? await readImage(pathOrBytes) : pathOrBytes;
  if (isBmp(bytes)) return decodeBmp(bytes, name, MAX_PIXELS);
  refuseOthers(bytes, name);
  const sharp = await sharpFor(name);
  try {
    const image = sharp(bytes, { ...READING, autoOrient: true });
    const { data, info } = await image
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: ownBytes(data) };
  } catch (error) {
    throw broken(name, bytes, error);
  }
}

/**
 * Upright width and height in px, from the header alone.
 * @throws MiningError 'image' where it is missing, broken or of another format.
 */
export async function imageSize(file: string): Promise<{ width: number; height: number }> {
  const head = await readHead(file);
  if (isBmp(head)) return bmpSize(head, file);
  refuseOthers(head, file);
  const sharp = await sharpFor(file);
  try {
    const { autoOrient } = await sharp(file, READING).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    throw broken(file, head, error);
  }
}

/** Has a TIFF more pages than the first, which alone is decoded? Never throws. */
export async function hasMorePages(file: string): Promise<boolean> {
  if (!/\.tiff?$/i.test(file)) return false;
  const { pages = 1 } = await sharpFor(file)
    .then((sharp) => sharp(file, READING).metadata())
    .catch(() => ({ pages: 1 }));
  return pages > 1;
}

/**
 * A picture for a page: upright, its longer side at most `side` px, JPEG.
 * @throws MiningError 'image' as `decodeImage`.
 */
export async function encodeSmallJpeg(file: string, side: number): Promise<Uint8Array> {
  const { width, height, data } = await decodeImage(file);
  const sharp = await sharpFor(file);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** Whole px, inside an image. */
export interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A part of a decoded image as a JPEG that a network can be trained on. */
export async function encodeCrop({ width, height, data }: RgbImage, rect: PixelRect): Promise<Uint8Array> {
  const sharp = await sharpFor('a crop');
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract(rect)
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/**
 * Writes an image as PNG, in place of a file of that name; it appears whole or not at all.
 * @throws MiningError 'image' where the pixels do not fit the size, 'options' where the file cannot be written.
 */
export async function encodePng({ width, height, data }: RgbImage, outPath: string): Promise<void> {
  if (data.length !== width * height * 3) {
    throw new MiningError('image', 'pixels', said`${width * height * 3} bytes`, String(data.length), { file: outPath });
  }
  const sharp = await sharpFor(outPath);
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toBuffer();
  await replaceFile({ path: outPath, force: true }, (handle) => handle.writeFile(png));
}

/** sharp itself. @param name of what needs it. @throws MiningError 'image' where this platform has none. */
export async function sharpFor(name: string): Promise<SharpModule> {
  return loadSharp().catch((error: unknown) => {
    throw new MiningError('image', 'sharp', 'an image library for this platform', firstLine(error), { file: name });
  });
}

function readImage(file: string): Promise<Uint8Array> {
  return readRegular(file, MAX_FILE_BYTES).catch((error: unknown) => {
    throw noImageFile(file, error);
  });
}

async function readHead(file: string): Promise<Uint8Array> {
  try {
    const handle = await openRegular(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0).finally(() => handle.close());
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw noImageFile(file, error);
  }
}

function noImageFile(file: string, error: unknown): MiningError {
  return new MiningError('image', path.basename(file), 'an image file', reasonOf(error), { file });
}

/** SVG would be rendered, a saved error page is no image, and HEIC's decoder is not free to ship. */
function refuseOthers(bytes: Uint8Array, name: string): void {
  const head = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  const isHeic = HEIC.test(head);
  if (!isHeic && !head.startsWith('<')) return;
  const received = isHeic ? 'HEIC' : 'markup (SVG or HTML)';
  const hint = isHeic ? { file: name, todo: 'Convert it to JPEG or PNG' } : { file: name };
  throw new MiningError('image', path.basename(name), 'JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF', received, hint);
}

/** The brands of HEVC in a HEIF container; AVIF has others. Source: ISO/IEC 23008-12, annex B.4. */
const HEIC = /^.{3,4}ftyp(heic|heix|heim|heis|hevc|hevx|hevm|hevs)/s;

function broken(name: string, bytes: Uint8Array, error: unknown): MiningError {
  const received = bytes.length === 0 ? 'an empty file' : firstLine(error);
  return new MiningError('image', path.basename(name), 'an image that decodes', received, { file: name });
}

function firstLine(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return line.slice(0, 160);
}

/** The WebAssembly build hands out its shared memory: copied, so that nothing else can change it. */
function ownBytes(data: Uint8Array): Uint8Array {
  return data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
