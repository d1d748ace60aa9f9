// Memory of the engine process over a long run: `node test/bench/memory.mjs [number of images]`. Mines symbolic links
// to the
// images of ../shared under other names, notes the resident set every 500 images, and writes the figures to
// docs/benchmarks.
import * as esbuild from 'esbuild';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLES } from '../../esbuild.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, '../shared/data/coco-cc-train');
const checkpoint = join(root, '../shared/checkpoints/yolox-nano-onnx');
const numImages = Number(process.argv[2] ?? 10_000);
const EVERY = 500;

/** What `ohem mine` takes for a preset comes from the sources: one list of defaults. */
async function bundle() {
  const outdir = join(root, 'dist', 'bench');
  const entryPoints = {
    'memory-worker': join(root, 'src/worker/worker.ts'),
    'memory-options': join(root, 'src/core/mining/select.ts'),
  };
  await esbuild.build({ ...BUNDLES.worker, entryPoints, outdir, sourcemap: false, logLevel: 'warning' });
  const { resolveConfig } = await import(join(outdir, 'memory-options.mjs'));
  return { worker: join(outdir, 'memory-worker.mjs'), mining: resolveConfig('paper') };
}

async function manyImages(folder) {
  const coco = JSON.parse(await readFile(join(source, 'instances.json'), 'utf8'));
  const times = Math.ceil(numImages / coco.images.length);
  await mkdir(join(folder, 'images'), { recursive: true });
  const images = [];
  const annotations = [];
  for (let time = 0; time < times; time++) {
    for (const image of coco.images) {
      const name = `${time}-${image.file_name}`;
      images.push({ ...image, id: image.id * times + time, file_name: name });
      await symlink(join(source, 'images', image.file_name), join(folder, 'images', name));
    }
    for (const each of coco.annotations)
      annotations.push({ ...each, id: each.id * times + time, image_id: each.image_id * times + time });
  }
  await writeFile(join(folder, 'instances.json'), JSON.stringify({ ...coco, images, annotations }));
}

/** Resident set, MB, of a process of this machine (Linux). */
async function residentMb(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}

function mine(worker, options) {
  return new Promise((resolve, reject) => {
    const child = fork(worker, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    setPriority(child.pid, 10);
    const started = performance.now();
    const marks = [];
    let backend = '';
    let noted = Promise.resolve();
    child.on('message', (message) => {
      if (message.event === 'opened') backend = `${message.manifest.backend.id} ${message.manifest.backend.version}`;
      if (message.event === 'image' && (message.imageIndex + 1) % EVERY === 0) {
        noted = noted.then(async () => {
          const mark = { images: message.imageIndex + 1, residentMb: await residentMb(child.pid) };
          console.log(
            `${mark.images} images: ${mark.residentMb} MB, ` +
              `${((1000 * mark.images) / (performance.now() - started)).toFixed(1)} images/s`,
          );
          marks.push(mark);
        });
      }
      if (message.ok !== undefined) void noted.then(() => (child.kill(), resolve({ backend, marks })));
      if (message.error !== undefined) reject(new Error(message.message));
    });
    child.on('exit', (code, signal) => reject(new Error(`the engine process ended: ${signal ?? code}`)));
    child.send({ call: 'mine', id: 1, params: { options } });
  });
}

if (!existsSync(source) || !existsSync(checkpoint)) {
  console.log('skipped: ../shared/data or ../shared/checkpoints is absent');
} else {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-memory-'));
  try {
    await manyImages(folder);
    const { worker, mining } = await bundle();
    const outPath = join(folder, 'it.ohem');
    const options = {
      checkpointPath: checkpoint,
      datasetPath: folder,
      dataset: {},
      outPath,
      mining,
      measure: {},
      backend: null,
      limit: numImages,
      resume: false,
    };
    const { backend, marks } = await mine(worker, options);
    const machine = `${cpus()[0]?.model ?? 'unknown'} x${availableParallelism()}`.replace(/\s+/g, ' ').trim();
    const runMb = Math.round((await stat(outPath)).size / 2 ** 20);
    const report = {
      machine,
      node: process.version,
      date: new Date().toISOString().slice(0, 10),
      checkpoint: 'yolox-nano',
      backend,
      runMb,
      marks,
    };
    await writeFile(join(root, 'docs/benchmarks', 'memory.json'), `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
