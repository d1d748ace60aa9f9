/** Proposals that every arm shares: a trained stage's, others near objects, and random ones; few are foreground. */
import { writeFile } from 'node:fs/promises';
import { boxIou } from '../../../src/core/boxes/iou.js';
import { seededRandom, type SeededRandom } from '../../../src/core/seeded-random.js';
import type { Boxes, GtTable } from '../../../src/core/tables.js';
import { lookOnce } from '../../../src/train/body.js';
import type { TrainingImage } from '../../../src/train/minibatch.js';
import type { NetworkSpec } from '../../../src/train/network/network-spec.js';
import { proposalSource } from '../../../src/train/proposal-source.js';
import type { TrainedNetwork } from '../../../src/train/trainer.js';
import type { PlacedImageSource } from '../../../src/run/train/train-images.js';

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** What the stage gives: nearly every score counts. */
const STAGE = { from: 'stage', preNmsTop: 1500, nmsThreshold: 0.5, numProposals: 400, minSize: 4 } as const;
/** Boxes near an object that overlap it by less than foreground, tries of each. */
const NEAR = { count: 20, leastIou: 0.1, mostIou: 0.5 };

/**
 * Writes `{"image id": [[x1, y1, x2, y2], …]}`, px of the image files.
 * @param ids one an image, in the source's order.
 * @param numBoxes an image; a few less in a training, where foreground is thinned.
 * @param isTraining boxes near objects are added: in a test nobody knows the objects.
 */
export async function writeProposals(
  file: string,
  images: PlacedImageSource,
  ids: readonly string[],
  { body }: TrainedNetwork,
  spec: NetworkSpec,
  numBoxes: number,
  isTraining: boolean,
): Promise<void> {
  const propose = proposalSource(STAGE, spec);
  const written: Record<string, Box[]> = {};
  for (const [index, id] of ids.entries()) {
    const image = await images.load(index);
    const { features, boxes } = lookOnce(body, spec, propose, image);
    features.dispose();
    const random = seededRandom(index);
    const near = isTraining ? boxesNear(image.gts, random) : [];
    const all = [...boxesOf(boxes), ...near].slice(0, numBoxes);
    while (all.length < numBoxes) all.push(randomBox(image, random));
    const found = isTraining ? thinned(all, image.gts, random) : all;
    const { scaleX, scaleY } = images.placeOf(index);
    const tenths = (value: number) => Math.round(value * 10) / 10;
    written[id] = found.map(([x1, y1, x2, y2]) => [
      tenths(x1 / scaleX),
      tenths(y1 / scaleY),
      tenths(x2 / scaleX),
      tenths(y2 / scaleY),
    ]);
  }
  await writeFile(file, JSON.stringify(written));
}

function boxesOf({ x1, y1, x2, y2 }: Boxes): Box[] {
  return Array.from(x1, (left, i) => [left, y1[i], x2[i], y2[i]]);
}

/**
 * Background, and one foreground box an object, drawn: a stage gives many, and with each object's own box a step would
 * have as much foreground as the budget.
 */
function thinned(boxes: readonly Box[], gts: GtTable, random: SeededRandom): Box[] {
  const foreground = new Map<number, Box[]>();
  const kept: Box[] = [];
  for (const box of boxes) {
    const ious = iousWith(box, gts);
    const most = Math.max(0, ...ious);
    const object = ious.indexOf(most);
    if (most < 0.5) kept.push(box);
    else foreground.set(object, [...(foreground.get(object) ?? []), box]);
  }
  return [...[...foreground.values()].map((some) => some[random.below(some.length)]), ...kept];
}

function boxesNear(gts: GtTable, random: SeededRandom): Box[] {
  return boxesOf(gts).flatMap((object) => {
    const [x1, y1, x2, y2] = object;
    return Array.from({ length: NEAR.count }, (): Box => {
      const [dx, dy] = [(random.next() * 2 - 1) * (x2 - x1), (random.next() * 2 - 1) * (y2 - y1)];
      const scale = 0.6 + random.next();
      const [width, height] = [(x2 - x1) * scale, (y2 - y1) * scale];
      return [x1 + dx, y1 + dy, x1 + dx + width, y1 + dy + height];
    }).filter((box) => {
      const most = mostIou(box, gts);
      return most >= NEAR.leastIou && most < NEAR.mostIou;
    });
  });
}

/** Sides spread evenly by their logarithm, from 6 px to a third of the image. */
function randomBox({ image }: TrainingImage, random: SeededRandom): Box {
  const side = () => 6 * (image.width / 18) ** random.next();
  const [width, height] = [side(), side()];
  const [x1, y1] = [random.next() * (image.width - width), random.next() * Math.max(0, image.height - height)];
  return [x1, y1, x1 + width, y1 + height];
}

/** IoU with the object that a box overlaps most. */
export function mostIou(box: Box, gts: Boxes): number {
  return Math.max(0, ...iousWith(box, gts));
}

function iousWith([x1, y1, x2, y2]: Box, gts: Boxes): number[] {
  return boxesOf(gts).map(([gx1, gy1, gx2, gy2]) => boxIou(x1, y1, x2, y2, gx1, gy1, gx2, gy2));
}
