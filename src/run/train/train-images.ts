/** A data set as training takes it: images letterboxed into the network's input, boxes with them. */
import * as v from 'valibot';
import { INTERPOLATIONS, placeImage, type Placement } from '../../checkpoint/pixels/preprocess.js';
import type { RgbImage } from '../../core/graph.js';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { gtsOfImage, imageAt, type Boxes, type GtTable } from '../../core/tables.js';
import { mapClasses, relabel } from '../../dataset/rows/class-mapping.js';
import type { Dataset } from '../../dataset/dataset.js';
import { decodeImage } from '../../dataset/pixels/decode-image.js';
import { openDataset } from '../../dataset/registry.js';
import type { TrainingImage } from '../../train/minibatch.js';
import type { NetworkSpec } from '../../train/network/network-spec.js';
import type { ImageSource } from '../../train/trainer.js';
import type { DatasetConfig } from './train-config.js';
import { readText } from '../../files/reading.js';

/** Most bytes of letterboxed images that are kept. */
const KEPT_BYTES = 2 ** 30;

/** @throws MiningError 'dataset' for what is no object detection data set, or holds no image. */
export async function openTrainingSet({ path, images, split, boxOrigin, columns }: DatasetConfig): Promise<Dataset> {
  const dataset = await openDataset(path, {
    ...(images === undefined ? {} : { images }),
    ...(split === undefined ? {} : { split }),
    ...(boxOrigin === undefined ? {} : { boxOrigin }),
    ...(columns === undefined ? {} : { columns }),
  });
  if (dataset.task !== 'detection') throw new MiningError('dataset', 'task', 'boxes', dataset.task, { file: path });
  if (dataset.images.numImages === 0)
    throw new MiningError('dataset', 'images', 'at least one image', 'none', { file: path });
  return dataset;
}

/** Where a training image comes from. */
export interface ImagePlace {
  /** As the data set names it. */
  readonly id: string;
  /** Absolute path of the pixels. */
  readonly path: string;
  /** Network px = image px * scale. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Size of the letterboxed picture, network px. */
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Images of a data set, and where each comes from. */
export interface PlacedImageSource extends ImageSource {
  /** Of an image that has been loaded. */
  placeOf(index: number): ImagePlace;
}

/**
 * The images that can be read; each other one is told and left out.
 * @param classes of the network; objects of other classes become regions to ignore.
 * @throws MiningError 'dataset' where none is left.
 */
export async function imageSource(
  dataset: Dataset,
  config: DatasetConfig,
  classes: readonly string[],
  spec: NetworkSpec,
  say: (text: string) => void,
): Promise<PlacedImageSource> {
  const { map, notes } = mapClasses(dataset.classes, { family: 'fast-rcnn', classes, numClasses: classes.length });
  for (const note of [...dataset.notes, ...notes]) say(note);
  const proposals = config.proposals === undefined ? null : await readProposals(config.proposals);
  const kept = new Map<number, TrainingImage>();
  const places = new Map<number, ImagePlace>();
  let numBytes = 0;
  const read = async (row: number) => {
    const { place, ...image } = await loadImage(dataset, row, map, proposals, spec);
    const { id, path } = imageAt(dataset.images, row);
    places.set(row, { id, path, ...place });
    numBytes += image.image.data.length;
    if (numBytes <= KEPT_BYTES) kept.set(row, image);
    return image;
  };
  const rows: number[] = [];
  for (let row = 0; row < dataset.images.numImages; row++) {
    await read(row).then(
      () => rows.push(row),
      (error: unknown) => say(`left out: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  if (rows.length === 0)
    throw new MiningError('dataset', 'images', 'at least one that can be read', 'none', { file: dataset.path });
  return {
    numImages: rows.length,
    load: async (index) => kept.get(rows[index]) ?? read(rows[index]),
    placeOf: (index) => places.get(rows[index]) as ImagePlace,
  };
}

async function loadImage(
  { images, gts }: Dataset,
  row: number,
  map: Int32Array,
  proposals: ReadonlyMap<string, Boxes> | null,
  spec: NetworkSpec,
): Promise<TrainingImage & { readonly place: Placement }> {
  const { id, path } = imageAt(images, row);
  const { image, place } = letterboxed(await decodeImage(path), spec);
  const given = proposals?.get(id);
  if (proposals !== null && given === undefined)
    throw new MiningError('dataset', 'proposals', said`boxes of ${id}`, 'none');
  return {
    image,
    place,
    gts: placedGts(relabel(gtsOfImage(images, gts, row), map), place),
    ...(given === undefined ? {} : { proposals: placed(given, place) }),
  };
}

/** As inference does it: the aspect ratio kept, at the top left. */
function letterboxed(
  source: RgbImage,
  { inputWidth, inputHeight }: NetworkSpec,
): { readonly image: RgbImage; readonly place: Placement } {
  const place = placeImage(
    source.width,
    source.height,
    { width: inputWidth, height: inputHeight, layout: 'nhwc' },
    { resize: 'letterbox' },
  );
  const [width, height] = [place.widthPx, place.heightPx];
  if (width === source.width && height === source.height) return { image: source, place };
  const writeRow = INTERPOLATIONS.antialias(source, { width, height })(source);
  const data = new Uint8Array(width * height * 3);
  for (let j = 0; j < height; j++) writeRow(j, data.subarray(j * width * 3, (j + 1) * width * 3));
  return { image: { width, height, data }, place };
}

function placedGts(gts: GtTable, place: Placement): GtTable {
  return { ...gts, ...placed(gts, place) };
}

function placed({ x1, y1, x2, y2 }: Boxes, { scaleX, scaleY }: Placement): Boxes {
  return {
    x1: x1.map((x) => x * scaleX),
    y1: y1.map((y) => y * scaleY),
    x2: x2.map((x) => x * scaleX),
    y2: y2.map((y) => y * scaleY),
  };
}

const box = v.strictTuple([v.number(), v.number(), v.number(), v.number()]);
const proposalFile = v.record(v.string(), v.array(box));

/** @throws MiningError 'dataset' for a file that is not {"image id": [[x1, y1, x2, y2], …]}, image px. */
async function readProposals(file: string): Promise<Map<string, Boxes>> {
  const expected = '{"image id": [[x1, y1, x2, y2], …]}';
  const parsed: unknown = await readText(file)
    .then(JSON.parse)
    .catch((error: unknown) => {
      throw new MiningError('dataset', 'proposals', expected, phraseOf(error), {
        file,
      });
    });
  const result = v.safeParse(proposalFile, parsed);
  if (!result.success)
    throw new MiningError(
      'dataset',
      `proposals.${v.getDotPath(result.issues[0]) ?? ''}`,
      expected,
      result.issues[0].received,
      { file },
    );
  const column = (boxes: number[][], i: number) => Float32Array.from(boxes, (one) => one[i]);
  return new Map(
    Object.entries(result.output).map(([id, boxes]) => [
      id,
      { x1: column(boxes, 0), y1: column(boxes, 1), x2: column(boxes, 2), y2: column(boxes, 3) },
    ]),
  );
}
