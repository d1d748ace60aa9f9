/** What is measured. Targets are in docs/benchmarks/README.md; no test asserts a time. */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openModel } from '../../src/checkpoint/open-model.js';
import { measureRois } from '../../src/core/measure/measure.js';
import { resolveConfig, selectHardExamples, selectHardestRows } from '../../src/core/mining/select.js';
import { allocateGtTable, sliceGtTable } from '../../src/core/tables.js';
import { decodeImage } from '../../src/dataset/pixels/decode-image.js';
import { openDataset } from '../../src/dataset/registry.js';
import { startEngine } from '../../src/engine/registry.js';
import { isMeasureThread, serveMeasureThread } from '../../src/run/mine/measure-thread.js';
import type { Graph, Tensor } from '../../src/core/graph.js';
import { clusteredRois } from './clustered-rois.js';
import { benchGallery } from './gallery.js';
import { benchDenseHeads } from './dense-heads.js';
import { benchDumps } from './dumps.js';
import { benchLargeRuns } from './large-runs.js';
import { benchPipeline, mineBesideForwards, serveForwards } from './pipeline.js';
import { benchTorchvision } from './torchvision.js';
import { round, timeAsync, timeSync } from './measure-time.js';

export type Figures = Record<string, Record<string, number | string>>;
interface Place {
  readonly root: string;
  readonly only: readonly string[];
}

export async function runSuite({ root, only }: Place): Promise<Figures> {
  const figures: Figures = {};
  const wants = (name: string) => only.length === 0 || only.includes(name);
  // First: a mining process knows one head, too, and its code is compiled for that.
  if (wants('dense')) Object.assign(figures, benchDenseHeads());
  if (wants('select')) Object.assign(figures, benchSelect());
  if (wants('nms')) Object.assign(figures, await benchTorchvision());
  if (wants('gallery')) Object.assign(figures, await benchGallery());
  if (wants('large')) Object.assign(figures, await benchLargeRuns());
  if (wants('dumps')) Object.assign(figures, await benchDumps());
  if (wants('yolox')) Object.assign(figures, await benchYolox(root));
  if (wants('yolov8')) Object.assign(figures, await benchYolov8(root));
  if (wants('extension')) Object.assign(figures, await benchExtension(root));
  return figures;
}

function benchSelect(): Figures {
  const figures: Figures = {};
  const config = resolveConfig('paper');
  for (const numRois of [2000, 8400, 25_200]) {
    const rois = clusteredRois(numRois, 1);
    figures[`select, early stop, B=128, ${numRois} RoIs`] = timeSync(() => selectHardestRows(rois, config));
    figures[`select, every status, B=128, ${numRois} RoIs`] = timeSync(() => selectHardExamples(rois, config));
  }
  return figures;
}

/** Where the time of one YOLOX-nano image goes, and images per second. */
async function benchYolox(root: string): Promise<Figures> {
  const checkpointPath = join(root, '../shared/checkpoints/yolox-nano-onnx');
  const datasetPath = join(root, '../shared/data/coco-cc-train');
  if (!existsSync(checkpointPath)) return { 'yolox-nano': { skipped: '../shared/checkpoints is absent' } };
  const dataset = await openDataset(datasetPath, {});
  const files = await openModel(checkpointPath, 'detection');
  const { engine } = await startEngine(files.format, null);
  let feeds: Readonly<Record<string, Tensor>> = {};
  let graph: Graph | null = null;
  const detector = await files.open(async (path, format) => {
    const inner = await engine.loadGraph(path, format);
    graph = inner;
    const run: Graph['run'] = (given) => {
      feeds = given;
      return inner.run(given);
    };
    return {
      inputs: inner.inputs,
      outputs: inner.outputs,
      metadata: inner.metadata,
      run,
      dispose: () => inner.dispose(),
    };
  });
  const image = await decodeImage(dataset.images.path[0]);
  const { gtStart } = dataset.images;
  const gts = sliceGtTable(dataset.gts, gtStart[0], gtStart[1]);
  const figures: Figures = {};
  figures['yolox-nano: decode a 640 px JPEG'] = await timeAsync(() => decodeImage(dataset.images.path[0]));
  const detect = await timeAsync(() => detector.detect(image), 40);
  const bare = await timeAsync(async () => (graph === null ? null : graph.run(feeds)), 40);
  const output = await detector.detect(image);
  const measure = timeSync(() => measureRois(output, gts, detector.measureDefaults, image));
  const rois = measureRois(output, gts, detector.measureDefaults, image);
  const select = timeSync(() => selectHardExamples(rois, resolveConfig('paper')));
  figures['yolox-nano: bare forward'] = bare;
  figures['yolox-nano: preprocess + forward + decode'] = detect;
  figures['yolox-nano: measure (SimOTA, losses)'] = measure;
  figures['yolox-nano: measure without ground truth'] = timeSync(() =>
    measureRois(output, allocateGtTable(0), detector.measureDefaults, image),
  );
  figures['yolox-nano: select, every status'] = select;
  detector.dispose();
  await engine.dispose();
  return { ...figures, ...(await benchPipeline(checkpointPath, datasetPath, new URL(import.meta.url))) };
}

/** A YOLOv8n at 640, of random weights: `OHEM_EXPORTS` names a folder that `../shared/tools/make_exports.py` made. */
async function benchYolov8(root: string): Promise<Figures> {
  const name = 'ultralytics-yolov8n';
  const checkpointPath = join(process.env['OHEM_EXPORTS'] ?? '', name);
  const datasetPath = join(root, '../shared/data/coco-cc-train');
  if (process.env['OHEM_EXPORTS'] === undefined || !existsSync(checkpointPath))
    return { 'yolov8n at 640': { skipped: `OHEM_EXPORTS names no folder with ${name} (test/exports-suite.mjs)` } };
  if (!existsSync(datasetPath)) return { 'yolov8n at 640': { skipped: '../shared/data is absent' } };
  const model = join(checkpointPath, `${name}.onnx`);
  const subject = { name: 'yolov8n at 640', checkpointPath: model, model };
  return (await mineBesideForwards(subject, datasetPath, new URL(import.meta.url))).figures;
}

/** Size of the universal vsix, and time to load and activate the host's bundle. */
async function benchExtension(root: string): Promise<Figures> {
  const figures: Figures = {};
  const vsix = join(root, 'out', 'ohem-lens.vsix');
  if (existsSync(vsix)) figures['universal vsix'] = { megabytes: round(statSync(vsix).size / 1e6) };
  const script = join(root, 'test', 'bench', 'load-host.mjs');
  const bundle = join(root, 'dist', 'host.js');
  const name = 'load and activate the host bundle';
  if (!existsSync(bundle)) return { ...figures, [name]: { skipped: 'dist/host.js is absent: npm run build makes it' } };
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, bundle]);
    times.push(Number(stdout.trim()));
  }
  figures[name] = { medianMs: round(times.sort((a, b) => a - b)[3]) };
  return figures;
}

// The worker threads of the benchmark start here as well.
if (isMeasureThread()) serveMeasureThread();
else await serveForwards();
