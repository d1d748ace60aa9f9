/** A small detection run with pixels, for what is exported of it. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach } from 'vitest';
import type { RunImage } from '../src/arrow/encode-run.js';
import { resolveConfig } from '../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable, NONE, NUM_TOP } from '../src/core/tables.js';
import type { ExportChoice } from '../src/run/export/export-format.js';
import { exportSelection } from '../src/run/export/export-selection.js';
import { createRun } from '../src/run/file/run-store.js';
import { sampleManifest, sampleSummary } from './unit/arrow/run-sample.js';

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

interface MadeImage {
  readonly id: string;
  /** The second of an image is a crowd. */
  readonly objects: readonly { readonly label: number; readonly box: Box }[];
  /** `gt` NONE: background. */
  readonly rois: readonly { readonly gt: number; readonly box: Box; readonly says: number; readonly loss: number }[];
}

export const EXPORT_CLASSES = ['cat', 'a "big" dog'];
export const [EXPORT_WIDTH, EXPORT_HEIGHT] = [64, 48];

/** By the sum of losses the second is the hardest, then the first. Names clash but for their folders. */
const IMAGES: readonly MadeImage[] = [
  {
    id: 'x/a.jpg',
    objects: [
      { label: 0, box: [10, 10, 30, 30] },
      { label: 1, box: [30, 5, 64, 40] },
    ],
    rois: [
      { gt: 0, box: [11, 10, 31, 30], says: 1, loss: 3 },
      { gt: NONE, box: [0, 0, 20, 20], says: 0, loss: 2 },
      { gt: NONE, box: [40, 20, 70, 60], says: 1, loss: 1 },
    ],
  },
  {
    id: 'y/a.jpg',
    objects: [{ label: 1, box: [0, 0, 10, 12] }],
    rois: [{ gt: 0, box: [0, 0, 12, 12], says: 1, loss: 9 }],
  },
  { id: 'z.png', objects: [], rois: [{ gt: NONE, box: [5, 5, 25, 25], says: 0, loss: 0.5 }] },
];

/** Writes pixels and run into a folder. @param data path of its annotations. @returns the run's path. */
export async function makeExportRun(folder: string, data = '/d/a.json'): Promise<string> {
  const imageRoot = path.join(folder, 'pixels');
  const runPath = path.join(folder, 'it.ohem');
  const manifest = sampleManifest({
    classes: EXPORT_CLASSES,
    dataset: { kind: 'coco', path: data, imageRoot, split: null, numImages: IMAGES.length, sha256: 'cd' },
    mining: resolveConfig('paper'),
  });
  const writer = await createRun(runPath, manifest);
  for (const image of IMAGES) await writer.append(await runImageOf(image, imageRoot));
  await writer.finish();
  await writer.close();
  return runPath;
}

async function runImageOf({ id, objects, rois }: MadeImage, imageRoot: string): Promise<RunImage> {
  const file = path.join(imageRoot, id);
  await mkdir(path.dirname(file), { recursive: true });
  const create = { width: EXPORT_WIDTH, height: EXPORT_HEIGHT, channels: 3, background: '#08f' } as const;
  await writeFile(
    file,
    await sharp({ create })
      .toFormat(id.endsWith('png') ? 'png' : 'jpeg')
      .toBuffer(),
  );
  const summary = { ...sampleSummary(id, rois.length, objects.length), path: file };
  return {
    summary: { ...summary, width: EXPORT_WIDTH, height: EXPORT_HEIGHT },
    rois: roiTableOf(rois, objects),
    gts: gtTableOf(objects),
  };
}

function roiTableOf(rows: MadeImage['rois'], objects: MadeImage['objects']) {
  const rois = allocateRoiTable(rows.length, EXPORT_CLASSES.length, 'float32', 'regressed');
  rows.forEach(({ gt, box, says, loss }, row) => {
    [rois.x1, rois.y1, rois.x2, rois.y2].forEach((column, side) => (column[row] = box[side] ?? NaN));
    [rois.predX1, rois.predY1, rois.predX2, rois.predY2].forEach((column, side) => (column[row] = box[side] ?? NaN));
    rois.gtIndex[row] = gt;
    rois.gtClass[row] = objects[gt]?.label ?? EXPORT_CLASSES.length;
    rois.predClass[row] = says;
    rois.topClass[row * NUM_TOP] = says;
    rois.score[row] = rois.topScore[row * NUM_TOP] = 0.75;
    rois.lossCls[row] = loss;
  });
  return rois;
}

function gtTableOf(objects: MadeImage['objects']) {
  const gts = allocateGtTable(objects.length);
  objects.forEach(({ label, box }, gt) => {
    [gts.x1, gts.y1, gts.x2, gts.y2].forEach((column, side) => (column[gt] = box[side] ?? NaN));
    gts.gtClass[gt] = label;
    gts.isCrowd[gt] = gt === 1 ? 1 : 0;
    gts.annotation[gt] = gt;
  });
  return gts;
}

/** What is exported where a test says no more. */
export const EXPORT_ALL: ExportChoice = {
  mining: resolveConfig('paper'),
  backgroundBelow: 0.05,
  order: 'sum',
  most: null,
};

/** A folder with such a run for each test of a file, and what is exported of it into that folder. */
export function useExportRun() {
  const at = { folder: '', run: '' };
  beforeEach(async () => {
    at.folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ohem-exports-')));
    at.run = await makeExportRun(at.folder);
  });
  afterEach(() => rm(at.folder, { recursive: true }));
  /** @returns its path. */
  const exported = async (format: string, name = 'out', choice = EXPORT_ALL, link = false): Promise<string> => {
    const out = path.join(at.folder, name);
    await exportSelection(at.run, choice, { path: out, force: false, link }, format);
    return out;
  };
  return { at, exported };
}
