/**
 * YOLO text labels with a `data.yaml`. A label file stands where the image stands, the last folder `images` replaced
 * by `labels`; each line is `class cx cy w h` as fractions of the upright image, or `class x1 y1 x2 y2 x3 y3 …`, a
 * polygon, whose extent is the box. An image without a label file has no objects.
 * Source: github.com/AlexeyAB/darknet README, "How to train (to detect your custom objects)".
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { IGNORE, NONE } from '../../core/tables.js';
import type { Dataset, AnnotationFormat } from '../dataset.js';
import { imageSize } from '../pixels/decode-image.js';
import { GtRows, warnOfBox } from '../rows/gt-rows.js';
import { imageIdWithin, isImageName, walkImages, warnOfMissing } from '../rows/image-files.js';
import { ImageRows } from '../rows/image-rows.js';
import { PartsHash, decodeText, isFile, isFolder, mapBounded, readBytes } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';
import { findYoloFile, readYoloConfig, yoloFilesOf, yoloSplits, type YoloConfig } from './yolo-config.js';

const NUM_IN_FLIGHT = 8;
const MAX_LABEL_BYTES = 64 * 2 ** 20;

interface LabelledImage {
  readonly name: string;
  readonly labelPath: string;
  /** null: there is no label file. */
  readonly bytes: Uint8Array | null;
  /** 0 unknown: the image could not be read. */
  readonly width: number;
  readonly height: number;
}

/** YOLO folders and `data.yaml` files. `split`: train, val or test; default the first that the file has. */
export const yoloFormat: AnnotationFormat = {
  id: 'yolo',
  title: 'YOLO (data.yaml with text labels)',
  task: 'detection',

  async recognise(location) {
    return (await findYoloFile(location)) !== null;
  },

  async read(location, options): Promise<Dataset> {
    const file = await findYoloFile(location);
    if (file === null)
      throw new MiningError('dataset', 'data.yaml', 'a YAML file with names and train or val', 'none', {
        file: location,
      });
    const warnings = new Warnings();
    const hash = new PartsHash();
    const yaml = await readBytes(file, MAX_LABEL_BYTES);
    hash.add(path.basename(file), yaml);
    const config = await readYoloConfig(yaml, file, options.split);
    const names = (await Promise.all(config.entries.map((entry) => listImages(entry, config, warnings)))).flat();
    if (names.length === 0)
      throw new MiningError('dataset', 'images', 'at least one image', `none in ${config.entries.join(', ')}`, {
        file,
      });
    const labelled = await mapBounded(names, NUM_IN_FLIGHT, (name) => readLabels(name, config.base));
    if (labelled.every(({ bytes }) => bytes === null)) {
      throw new MiningError(
        'dataset',
        'labels',
        'a label file for some image',
        `none, such as ${labelled[0]?.labelPath}`,
        { file },
      );
    }
    for (const { name, bytes } of labelled) if (bytes !== null) hash.add(name, bytes);
    return tabulate(location, config, labelled, hash.digest(), warnings);
  },

  find: yoloFilesOf,
  splits: yoloSplits,

  place: textLine,
};

/**
 * Absolute paths of the images in a folder or a list. A list's lines start from its own folder if the first is there,
 * else from the base.
 */
async function listImages(entry: string, { base }: YoloConfig, warnings: Warnings): Promise<string[]> {
  if (await isFolder(entry)) return (await walkImages(entry)).map((name) => path.join(entry, name));
  const lines = decodeText(await readBytes(entry, MAX_LABEL_BYTES), entry).split(/\r\n|\n|\r/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== '');
  const images = names.filter(isImageName);
  if (images.length < names.length) {
    warnings.add(
      'list lines dropped',
      'list',
      'names of images',
      `${names.length - images.length} lines that are none`,
      entry,
    );
  }
  const [first] = images;
  const besideList =
    first !== undefined && (await isFile(path.resolve(path.dirname(entry), first.replaceAll('\0', ''))));
  return images.map((name) => path.resolve(besideList ? path.dirname(entry) : base, name.replaceAll('\\', '/')));
}

/** A name that leaves the base is not followed; `ImageRows` refuses it. */
async function readLabels(name: string, base: string): Promise<LabelledImage> {
  if (imageIdWithin(base, name) === null) return { name, labelPath: '', bytes: null, ...UNKNOWN };
  const labelPath = labelPathOf(path.resolve(base, name));
  const hasLabels = await isFile(labelPath);
  const bytes = hasLabels ? await readBytes(labelPath, MAX_LABEL_BYTES) : null;
  const { width, height } = bytes === null ? UNKNOWN : await imageSize(name).catch(() => UNKNOWN);
  return { name, labelPath: hasLabels ? labelPath : '', bytes, width, height };
}

const UNKNOWN = { width: 0, height: 0 };

function labelPathOf(image: string): string {
  const parts = image.slice(0, -path.extname(image).length).split(path.sep);
  const at = parts.lastIndexOf('images', parts.length - 2);
  if (at !== -1) parts[at] = 'labels';
  return `${parts.join(path.sep)}.txt`;
}

async function tabulate(
  location: string,
  config: YoloConfig,
  labelled: readonly LabelledImage[],
  sha256: string,
  warnings: Warnings,
): Promise<Dataset> {
  const images = new ImageRows(config.base, warnings);
  const gts = new GtRows(images);
  for (const image of labelled) {
    const numBefore = images.numImages;
    const row = images.add(image.name, image.width, image.height, image.labelPath, 'image', config.base);
    if (row !== NONE && images.numImages > numBefore && image.bytes !== null)
      addLabels(gts, row, image, image.bytes, config, warnings);
  }
  if (images.numImages === 0)
    throw new MiningError('dataset', 'images', `image files within ${config.base}`, 'none', {
      file: path.resolve(location),
    });
  await warnOfMissing(config.base, images.ids, warnings);
  const { gts: table, gtStart } = gts.finish();
  return {
    kind: yoloFormat.id,
    task: 'detection',
    path: path.resolve(location),
    imageRoot: config.base,
    split: config.split,
    classes: config.classes,
    images: images.finish(gtStart),
    gts: table,
    sha256,
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

function addLabels(
  gts: GtRows,
  row: number,
  image: LabelledImage,
  bytes: Uint8Array,
  config: YoloConfig,
  warnings: Warnings,
): void {
  const { labelPath, width, height } = image;
  if (width === 0 || height === 0) {
    warnings.add(
      'labels without an image size',
      'labels',
      'an image whose size can be read',
      'none: its labels are fractions and were dropped',
      labelPath,
    );
    return;
  }
  textOf(bytes, labelPath, warnings)
    .split(/\r\n|\n|\r/)
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const where = `line ${index + 1}`;
      const [id = NaN, ...numbers] = line.trim().split(/\s+/).map(Number);
      const box = boxOf(numbers);
      if (!Number.isInteger(id) || box === null) {
        warnings.add('label lines dropped', where, '5 numbers, or a class and a polygon', show(line.trim()), labelPath);
        return;
      }
      const gtClass = config.classOfId.get(id) ?? IGNORE;
      if (gtClass === IGNORE)
        warnings.add('unknown categories', where, 'the id of a class', `${id}, ignored`, labelPath);
      const [x1, y1, x2, y2] = box;
      const verdict = gts.add(row, [x1 * width, y1 * height, x2 * width, y2 * height], gtClass, index);
      if (verdict !== 'kept') warnOfBox(verdict, where, show(line.trim()), labelPath, warnings);
    });
}

function textOf(bytes: Uint8Array, file: string, warnings: Warnings): string {
  try {
    return decodeText(bytes, file);
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    warnings.addError('label files dropped', error);
    return '';
  }
}

/** Corners as fractions: of centre and size, or of a polygon's extent; null where the count is neither. */
function boxOf(numbers: readonly number[]): [number, number, number, number] | null {
  const [cx = 0, cy = 0, w = 0, h = 0] = numbers;
  if (numbers.length === 4) {
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
  }
  if (numbers.length < 6 || numbers.length % 2 === 1) return null;
  const range = (axis: 0 | 1) =>
    numbers
      .filter((_, i) => i % 2 === axis)
      .reduce<readonly [number, number]>(
        ([low, high], n) => [Math.min(low, n), Math.max(high, n)],
        [Infinity, -Infinity],
      );
  const [[x1, x2], [y1, y2]] = [range(0), range(1)];
  return [x1, y1, x2, y2];
}
