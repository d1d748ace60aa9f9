/** Boxes drawn over an image, as PNG: a picture to look at, not one to measure. */
import type { RgbImage } from '../../core/graph.js';
import { escapeMarkup } from '../../core/markup.js';
import { visible } from '../../core/mining-error.js';
import { replaceFile } from '../../files/replacing.js';
import type { Target } from '../../files/target.js';
import { sharpFor } from './decode-image.js';

export interface DrawnBox {
  /** Image px. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** '' none. */
  readonly label: string;
  /** Of SVG. */
  readonly colour: string;
  readonly dashed: boolean;
}

/** Writes the image with its boxes. @throws MiningError 'options' as `replaceFile`. */
export async function drawBoxes(
  { width, height, data }: RgbImage,
  boxes: readonly DrawnBox[],
  target: Target,
): Promise<void> {
  const sharp = await sharpFor(target.path);
  const line = Math.max(2, Math.round(Math.max(width, height) / 400));
  const shapes = boxes.map((box) => shapeOf(box, line)).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .png()
    .toBuffer();
  await replaceFile(target, (handle) => handle.writeFile(png));
}

function shapeOf({ x1, y1, x2, y2, label, colour, dashed }: DrawnBox, line: number): string {
  if (![x1, y1, x2, y2].every(Number.isFinite)) return '';
  const size = `x="${x1}" y="${y1}" width="${Math.max(0, x2 - x1)}" height="${Math.max(0, y2 - y1)}"`;
  const dash = dashed ? ` stroke-dasharray="${4 * line} ${2 * line}"` : '';
  const rect = `<rect ${size} fill="none" stroke="${colour}" stroke-width="${line}"${dash}/>`;
  const font = `font-family="sans-serif" font-size="${6 * line}" fill="${colour}"`;
  const text = escapeMarkup(visible(label));
  return `${rect}<text x="${x1 + line}" y="${Math.max(6 * line, y1 - line)}" ${font}>${text}</text>`;
}
