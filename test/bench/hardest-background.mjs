// Background RoIs that `ohem export` lists as hard, drawn in their images with the ground truth:
//   node test/bench/hardest-background.mjs ROIS.csv ANNOTATED_VOC_FOLDER OUT.jpg [--below 0.1] [--spread]
// One RoI an image, hardest first; --spread: evenly over the list instead. Red: the RoI; green: what is annotated.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const [COLUMNS, ROWS, WIDTH, HEIGHT] = [4, 2, 240, 180];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { below: { type: 'string', default: '0.1' }, spread: { type: 'boolean', default: false } },
});
const [file, folder, out] = positionals;
const [header, ...lines] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const rois = lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]])));
const background = rois.filter(({ label, iou }) => label === 'background' && Number(iou) < Number(values.below));
background.sort((a, b) => b.loss - a.loss);
const oneEach = background.filter(({ image }, i) => background.findIndex((other) => other.image === image) === i);
const list = values.spread ? background : oneEach;
const step = values.spread ? Math.floor(list.length / (COLUMNS * ROWS)) : 1;
const shown = Array.from({ length: COLUMNS * ROWS }, (_, i) => list[i * step]);

const outline = ([x1, y1, x2, y2], colour, width) =>
  `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="${colour}" ` +
  `stroke-width="${width}"/>`;
const tiles = await Promise.all(
  shown.map(async ({ image, region }) => {
    const annotation = readFileSync(join(folder, 'Annotations', image.replace(/\.jpg$/, '.xml')), 'utf8');
    const number = (block, name) => Number(new RegExp(`<${name}>(\\d+)`).exec(block)?.[1]);
    const boxes = annotation
      .split('<object>')
      .slice(1)
      .map((block) => ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => number(block, name)));
    const picture = sharp(join(folder, 'JPEGImages', image));
    const { width, height } = await picture.metadata();
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
      `height="${height}">${boxes.map((box) => outline(box, '#00c000', 3)).join('')}` +
      `${outline(region.split(' ').map(Number), '#ff0000', 6)}</svg>`;
    const drawn = await picture
      .composite([{ input: Buffer.from(svg) }])
      .png()
      .toBuffer();
    return sharp(drawn).resize(WIDTH, HEIGHT).png().toBuffer();
  }),
);
await sharp({ create: { width: WIDTH * COLUMNS, height: HEIGHT * ROWS, channels: 3, background: '#fff' } })
  .composite(tiles.map((input, i) => ({ input, left: (i % COLUMNS) * WIDTH, top: Math.floor(i / COLUMNS) * HEIGHT })))
  .jpeg({ quality: 82 })
  .toFile(out);
console.log(
  `${background.length} background RoIs below IoU ${values.below}; drawn: ` +
    `${shown.map(({ image, predicted, score }) => `${image} ${predicted} ${Number(score).toFixed(2)}`).join(', ')}`,
);
