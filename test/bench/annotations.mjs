// Time and peak memory of reading large data sets: `node test/bench/annotations.mjs`. Makes a COCO file of 500 MB
// (860,000 boxes with segmentations, 118,000 images) and a YOLO folder of 120,000 images, reads each in a process of
// its own, writes the figures to docs/benchmarks and deletes the data.
import * as esbuild from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { link, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { BUNDLES } from '../../esbuild.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const NUM_BOXES = 860_000;
const NUM_COCO = 118_000;
const NUM_YOLO = 120_000;
/** Corners of each outline: about 570 bytes an annotation, as in train2017. */
const NUM_CORNERS = 36;
const PER_FOLDER = 10_000;

async function bundle() {
  const outdir = join(root, 'dist', 'bench');
  const entryPoints = { annotations: join(root, 'src/dataset/registry.ts') };
  await esbuild.build({ ...BUNDLES.worker, entryPoints, outdir, sourcemap: false, logLevel: 'warning' });
  return join(outdir, 'annotations.mjs');
}

/** Pictures that share one file's bytes: only their headers are read. */
async function manyImages(folder, names) {
  const picture = join(folder, 'picture.jpg');
  const background = { width: 640, height: 480, channels: 3, background: 'teal' };
  await writeFile(picture, await sharp({ create: background }).jpeg().toBuffer());
  let source = picture;
  for (const [i, name] of names.entries()) {
    // File systems bound the links of a file.
    if (i % PER_FOLDER === 0) {
      source = join(folder, `picture-${i}.jpg`);
      await writeFile(source, await sharp({ create: background }).jpeg().toBuffer());
    }
    await link(source, name);
  }
}

async function coco(folder) {
  const images = Array.from({ length: NUM_COCO }, (_, id) => `${String(id).padStart(12, '0')}.jpg`);
  await mkdir(join(folder, 'images'), { recursive: true });
  await manyImages(
    folder,
    images.map((name) => join(folder, 'images', name)),
  );
  const file = createWriteStream(join(folder, 'instances.json'));
  const put = async (text) => file.write(text) || new Promise((resolve) => file.once('drain', resolve));
  const listed = images.map((file_name, id) => ({ id, file_name, width: 640, height: 480 }));
  await put(`{"images": ${JSON.stringify(listed)}, "categories": [{"id": 1, "name": "cat"}], "annotations": [`);
  for (let id = 0; id < NUM_BOXES; id++) {
    const [x, y] = [(id * 7) % 500, (id * 13) % 400];
    const corners = Array.from({ length: NUM_CORNERS }, (_, i) => [x + (i % 9) + 0.25, y + (i % 7) + 0.53]).flat();
    const annotation = { id, image_id: id % NUM_COCO, category_id: 1, iscrowd: 0, area: 63, bbox: [x, y, 80.5, 60.25] };
    await put(`${id === 0 ? '' : ','}\n${JSON.stringify({ ...annotation, segmentation: [corners] })}`);
  }
  await put(']}');
  await new Promise((resolve) => file.end(resolve));
  return join(folder, 'instances.json');
}

async function yolo(folder) {
  for (const part of ['images', 'labels']) await mkdir(join(folder, part), { recursive: true });
  const stems = Array.from({ length: NUM_YOLO }, (_, id) => String(id).padStart(12, '0'));
  await manyImages(
    folder,
    stems.map((stem) => join(folder, 'images', `${stem}.jpg`)),
  );
  const lines = Array.from({ length: 7 }, (_, i) => `0 0.${i + 1} 0.5 0.1 0.25`).join('\n');
  for (const stem of stems) await writeFile(join(folder, 'labels', `${stem}.txt`), lines);
  await writeFile(join(folder, 'classes.txt'), 'cat\n');
  return folder;
}

/** Reads in a process of its own, whose peak is the reader's. */
function measure(module, location) {
  const script = `
    const { openDataset } = await import(${JSON.stringify(pathToFileURL(module).href)});
    const startedAt = performance.now();
    const { images, gts, warnings } = await openDataset(${JSON.stringify(location)}, {});
    const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1));
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(JSON.stringify({ images: images.numImages, boxes: gts.numGts, warnings, seconds, peakMiB }));`;
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
}

const module = await bundle();
const rows = {};
for (const [name, make] of Object.entries({ coco, yolo })) {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-annotations-'));
  try {
    const location = await make(folder);
    const { size } = await stat(location);
    rows[name] = { ...(name === 'coco' ? { fileMiB: Math.round(size / 2 ** 20) } : {}), ...measure(module, location) };
    console.log(name, JSON.stringify(rows[name]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const figures = { machine: cpus()[0]?.model.trim(), node: process.version, ...rows };
await writeFile(join(root, 'docs/benchmarks/annotations.json'), `${JSON.stringify(figures, null, 2)}\n`);
