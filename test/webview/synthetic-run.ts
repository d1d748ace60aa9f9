/** A run of made-up RoIs, for pictures and measurements without a checkpoint. */
import { encodeImage, encodeSchema } from '../../src/arrow/encode-run.js';
import type { ImageSummary, RunManifest } from '../../src/core/facts/run-manifest.js';
import { seededRandom } from '../../src/core/seeded-random.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable, NUM_TOP, type GtTable, type RoiTable } from '../../src/core/tables.js';

const CLASSES = ['cup', 'plate', 'fork', 'cake', 'chair', 'person'];
const [WIDTH, HEIGHT] = [640, 480];

export interface SyntheticRun {
  readonly manifest: RunManifest;
  readonly schema: Uint8Array;
  readonly images: readonly { readonly summary: ImageSummary; readonly bytes: Uint8Array }[];
}

/** A name of 80 characters that is known by its ends. */
function longName(name: string): string {
  return `${name}_`.padEnd(79 - name.length, 'stainless_steel_with_flange_and_serration_') + `_${name}`;
}

/**
 * Deterministic for its numbers. Every 50th RoI is ignored, every 97th invalid.
 * @param longNames classes and images have names of 80 characters.
 */
export function syntheticRun(numImages: number, numRois: number, longNames = false): SyntheticRun {
  const nameOf = longNames ? longName : (name: string) => name;
  const manifest = manifestOf(numImages, CLASSES.map(nameOf));
  const images = Array.from({ length: numImages }, (_, index) => {
    const random = seededRandom(index + 1).next;
    const gts = someGts(random);
    const rois = someRois(random, numRois, gts);
    const summary = summaryOf(nameOf(`made-up-${index}.png`), index, rois, gts);
    return { summary, bytes: encodeImage({ summary, rois, gts }, manifest) };
  });
  return { manifest, schema: encodeSchema(manifest), images };
}

function manifestOf(numImages: number, classes: readonly string[]): RunManifest {
  return {
    ohemRun: 1,
    task: 'detection',
    createdAt: '2026-01-01T00:00:00.000Z',
    writtenBy: 'synthetic',
    precision: 'float32',
    classes,
    lossSource: 'training',
    checkpoint: null,
    backend: null,
    dataset: { kind: 'dump', path: '/', imageRoot: '/', split: null, numImages, sha256: '' },
    measure: null,
    mining: resolveConfig('paper'),
    notes: ['made-up numbers'],
  };
}

function someGts(random: () => number): GtTable {
  const gts = allocateGtTable(12);
  for (let g = 0; g < gts.numGts; g++) {
    setBox(gts, g, random() * 560, random() * 400, 20 + random() * 160, 20 + random() * 140);
    gts.gtClass[g] = Math.floor(random() * CLASSES.length);
    gts.annotation[g] = g;
  }
  gts.isCrowd[0] = 1;
  return gts;
}

function someRois(random: () => number, numRois: number, gts: GtTable): RoiTable {
  const rois = allocateRoiTable(numRois, CLASSES.length, 'float32');
  const regressed = { x1: rois.predX1, y1: rois.predY1, x2: rois.predX2, y2: rois.predY2 };
  for (let row = 0; row < numRois; row++) {
    const g = Math.floor(random() * gts.numGts);
    const near = random() < 0.5;
    const jitter = () => (random() - 0.5) * 40;
    const [x, y] = near ? [gts.x1[g] + jitter(), gts.y1[g] + jitter()] : [random() * 600, random() * 440];
    const [width, height] = near
      ? [gts.x2[g] - gts.x1[g] + jitter(), gts.y2[g] - gts.y1[g] + jitter()]
      : [10 + random() ** 2 * 300, 10 + random() ** 2 * 250];
    setBox(rois, row, x, y, Math.max(width, 4), Math.max(height, 4));
    setBox(regressed, row, x + jitter() / 4, y + jitter() / 4, Math.max(width, 4), Math.max(height, 4));
    labelRow(rois, row, near ? g : -1, gts, random);
  }
  return rois;
}

function setBox(
  boxes: Pick<RoiTable, 'x1' | 'y1' | 'x2' | 'y2'>,
  row: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  boxes.x1[row] = Math.max(x, 0);
  boxes.y1[row] = Math.max(y, 0);
  boxes.x2[row] = Math.min(x + width, WIDTH);
  boxes.y2[row] = Math.min(y + height, HEIGHT);
}

function labelRow(rois: RoiTable, row: number, g: number, gts: GtTable, random: () => number): void {
  const foreground = g >= 0;
  rois.gtIndex[row] = g;
  rois.gtClass[row] = row % 50 === 49 ? -1 : foreground ? gts.gtClass[g] : CLASSES.length;
  rois.iou[row] = foreground ? 0.5 + random() / 2 : random() / 2;
  rois.lossCls[row] = row % 97 === 96 ? NaN : -Math.log(random() + 1e-6) * (foreground ? 2 : 0.7);
  rois.lossLoc[row] = foreground ? random() * 1.5 : 0;
  rois.predClass[row] = Math.floor(random() * CLASSES.length);
  rois.score[row] = random();
  for (let k = 0; k < NUM_TOP; k++) {
    rois.topClass[row * NUM_TOP + k] = (rois.predClass[row] + k) % CLASSES.length;
    rois.topScore[row * NUM_TOP + k] = rois.score[row] / 3 ** k;
  }
}

function summaryOf(id: string, index: number, rois: RoiTable, gts: GtTable): ImageSummary {
  return {
    id,
    path: '',
    annotationPath: '/annotations.json',
    width: WIDTH,
    height: HEIGHT,
    numRois: rois.numRois,
    numGts: gts.numGts,
    numForeground: 0,
    numSelected: 64,
    numIgnored: 0,
    numInvalid: 0,
    lossSum: 100 - index,
    lossMean: 1,
    lossMax: 5,
    entropy: 1.2,
    mistakenness: 0.4,
    error: '',
  };
}
