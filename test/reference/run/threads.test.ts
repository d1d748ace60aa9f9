import * as esbuild from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/arrow/decode-run.js';
import { BUNDLES } from '../../../esbuild.mjs';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { startThreads } from '../../../src/run/mine/thread-pool.js';
import { imageTask, loadImage, measureImage } from '../../../src/run/mine/measure-image.js';
import { openInputs } from '../../../src/run/mine/mine-inputs.js';
import { startWatchdog } from '../../../src/run/mine/watchdog.js';
import { mineRun } from '../../../src/run/mine/mine-run.js';
import { settle } from '../../../src/run/mine/prefetch.js';
import { openRun } from '../../../src/run/file/run-store.js';

const root = path.resolve(import.meta.dirname, '../../..');
const checkpointPath = path.join(root, '../shared/checkpoints/yolox-nano-onnx');
const datasetPath = path.join(root, '../shared/data/coco-cc-train');
const NUM_IMAGES = 20;

describe.skipIf(!existsSync(checkpointPath) || !existsSync(datasetPath))(
  'worker threads (skipped where ../shared is absent)',
  () => {
    let folder: string;
    let entry: URL;
    beforeAll(async () => {
      // Beside the other bundles: native packages are found from there.
      await mkdir(path.join(root, 'dist'), { recursive: true });
      folder = await mkdtemp(path.join(root, 'dist', 'threads-'));
      const options = {
        ...BUNDLES.worker,
        entryPoints: { thread: path.join(root, 'src/worker/worker.ts') },
        outdir: folder,
        sourcemap: false,
        metafile: false,
        logLevel: 'warning',
      };
      await esbuild.build(options as esbuild.BuildOptions);
      entry = pathToFileURL(path.join(folder, 'thread.mjs'));
    }, 120_000);
    afterAll(() => rm(folder, { recursive: true }));

    const options = (outPath: string) => ({
      checkpointPath,
      datasetPath,
      dataset: {},
      outPath,
      mining: resolveConfig('paper'),
      measure: {},
      backend: null,
      limit: NUM_IMAGES,
      keepRois: null,
      resume: false,
    });

    it('measure what one thread measures, to the bit', { timeout: 240_000 }, async () => {
      const inputs = await openInputs(options(''), startWatchdog(0, ''));
      if (!('detector' in inputs)) throw new Error('no detection');
      const threads = await startThreads(entry, inputs, 2);
      if (threads === null) throw new Error('no threads');
      const tasks = [0, 1, 2, 3].map((index) => imageTask(inputs, index));
      const there = await Promise.all(tasks.map((task) => threads.measure(task)));
      for (const [i, task] of tasks.entries())
        expect(there[i]).toEqual(await measureImage(inputs, task, await settle(loadImage(task))));
      await threads.close();
      await inputs.dispose();
    });

    it('write the images in the order of the data set', { timeout: 240_000 }, async () => {
      const out = await mkdtemp(path.join(tmpdir(), 'ohem-threads-'));
      const outPath = path.join(out, 'it.ohem');
      const told: string[] = [];
      await mineRun(
        options(outPath),
        (event) => event.event === 'image' && told.push(event.summary.id),
        undefined,
        entry,
      );
      const run = await openRun(outPath);
      expect(run.complete).toBe(true);
      expect(told).toHaveLength(NUM_IMAGES);
      expect(run.images.map(({ id }) => id)).toEqual(told);
      expect(told).toEqual([...told].sort());
      expect(decodeImage(run.schemaBytes, await run.readImageBytes(3)).rois.numRois).toBe(3549);
      await run.close();
      await rm(out, { recursive: true });
    });
  },
);
