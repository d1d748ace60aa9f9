/** Importing RoI dumps: few RoIs an image with losses, more, and many with logits. */
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig } from '../../src/core/mining/select.js';
import { seededRandom } from '../../src/core/seeded-random.js';
import { importDump } from '../../src/run/dump/import-dump.js';
import { round } from './measure-time.js';
import type { Figures } from './suite.js';

const MEGABYTES = 64;
const ROUNDS = 3;
const NUM_CLASSES = 20;
const SHAPES = [
  { numRois: 20, logits: false },
  { numRois: 128, logits: false },
  { numRois: 500, logits: true },
];

/** Megabytes of JSON Lines a second, the best of some rounds, and the least processor time of a megabyte. */
export async function benchDumps(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-dumps-'));
  const figures: Figures = {};
  for (const shape of SHAPES) {
    const dumpPath = join(folder, 'dump.jsonl');
    await writeDump(dumpPath, shape.numRois, shape.logits);
    const name = `import, ${shape.numRois} RoIs an image, ${shape.logits ? `${NUM_CLASSES + 1} logits` : 'losses'}`;
    figures[name] = await timeImport(dumpPath, join(folder, 'run.ohem'));
  }
  await rm(folder, { recursive: true });
  return figures;
}

async function timeImport(dumpPath: string, outPath: string): Promise<Figures[string]> {
  const megabytes = (await stat(dumpPath)).size / 1e6;
  let [best, leastMs] = [0, Infinity];
  for (let i = 0; i < ROUNDS; i++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await importDump({ dumpPath, images: null, outPath, miningOf: defaultConfig, force: true }, () => undefined);
    const { user, system } = process.cpuUsage(cpu);
    best = Math.max(best, megabytes / ((performance.now() - start) / 1000));
    leastMs = Math.min(leastMs, (user + system) / 1000 / megabytes);
  }
  return { megabytes: round(megabytes), mbPerSecond: round(best), cpuMsPerMB: round(leastMs) };
}

/** Numbers have the digits that a training writes: those of a float32 as a double. */
async function writeDump(path: string, numRois: number, hasLogits: boolean): Promise<void> {
  const random = seededRandom(1);
  const real = (most: number) => Math.fround((random.below(2 ** 30) / 2 ** 30) * most);
  const list = (length: number, most: number) => Array.from({ length }, () => real(most));
  const handle = await open(path, 'w');
  const classes = Array.from({ length: NUM_CLASSES }, (_, k) => `class ${k}`);
  const header = { ohem_dump: 1, task: 'detection', classes, background: 0, activation: 'softmax' };
  await handle.write(`${JSON.stringify(header)}\n`);
  const rows = (width: number, most: number) => Array.from({ length: numRois }, () => list(width, most));
  for (let [i, written] = [0, 0]; written < MEGABYTES * 1e6; i++) {
    const rois = rows(2, 400).map(([x = 0, y = 0]) => [x, y, x + 10 + real(130), y + 10 + real(70)]);
    const label = rois.map(() => (random.below(4) < 3 ? 0 : 1 + random.below(NUM_CLASSES)));
    const losses = hasLogits
      ? { logits: rows(NUM_CLASSES + 1, 8), loc_pred: rows(4, 1), loc_target: rows(4, 1) }
      : { loss_cls: list(numRois, 4), loss_loc: list(numRois, 1) };
    const image = `train/${String(i).padStart(12, '0')}.jpg`;
    const line = `${JSON.stringify({ image, width: 640, height: 480, rois, label, ...losses })}\n`;
    written += line.length;
    await handle.write(line);
  }
  await handle.close();
}
