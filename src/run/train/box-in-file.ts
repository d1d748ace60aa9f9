import type { ImagePlace } from './train-images.js';

export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** A box of the network's px in px of the image's file, to tenths. */
export function boxInFile([x1, y1, x2, y2]: Box, { scaleX, scaleY }: ImagePlace): Box {
  const px = (value: number, scale: number) => Math.round((10 * value) / scale) / 10;
  return [px(x1, scaleX), px(y1, scaleY), px(x2, scaleX), px(y2, scaleY)];
}
