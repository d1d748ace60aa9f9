/** Mining NMS beside torchvision's `nms`, on the same boxes and in turns: another process slows down both. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suppressByLoss } from '../../src/core/mining/mining-nms.js';
import { resolveConfig, selectHardExamples } from '../../src/core/mining/select.js';
import { rankRows } from '../../src/core/rank.js';
import { NONE, type RoiTable } from '../../src/core/tables.js';
import { clusteredRois } from './clustered-rois.js';
import { round, summary } from './measure-time.js';
import type { Figures } from './suite.js';

const COUNTS = [2000, 8400, 25_200];
const [WARMUP, TURNS] = [4, 15];
/** Calls a turn, one after the other, as over the images of a run. */
const CALLS = 5;
const THRESHOLD = 0.7;

interface TheirAnswer {
  readonly ms: readonly number[];
  readonly kept: number;
}

/** `OHEM_BENCH_PYTHON` names an interpreter with torchvision; else `python3` is tried. */
export async function benchTorchvision(): Promise<Figures> {
  const tables = COUNTS.map((count) => classRanked(clusteredRois(count, 1)));
  const folder = await mkdtemp(join(tmpdir(), 'ohem-nms-'));
  const files = COUNTS.map((count) => join(folder, `${count}.f32`));
  await Promise.all(tables.map((rois, i) => writeFile(files[i], columnsOf(rois))));
  const theirs = startTheirs(files);
  try {
    const versions = await theirs.line();
    if (versions === null) return { 'mining NMS beside torchvision': { skipped: theirs.reason() } };
    const figures: Figures = {};
    for (const [i, rois] of tables.entries()) Object.assign(figures, await takeTurns(rois, () => theirs.nms(i)));
    return { ...figures, 'mining NMS beside torchvision': JSON.parse(versions) as Record<string, string> };
  } finally {
    theirs.stop();
    await rm(folder, { recursive: true });
  }
}

/** `nms` sorts and keeps; ours ranks, keeps, and names each suppressed row's suppressor; `select` decides every row. */
async function takeTurns(rois: RoiTable, theirNms: () => Promise<TheirAnswer>): Promise<Figures> {
  const { numRois, lossCls } = rois;
  const loss = Float64Array.from(lossCls);
  const rows = Int32Array.from(loss.keys());
  const suppressedBy = new Int32Array(numRois).fill(NONE);
  const rule = { threshold: THRESHOLD, pixelOffset: 0, limit: Infinity } as const;
  const config = resolveConfig('paper', { nmsThreshold: THRESHOLD });
  const times = { ours: [] as number[], select: [] as number[], theirs: [] as number[] };
  let [kept, theirKept] = [0, 0];
  for (let turn = 0; turn < WARMUP + TURNS; turn++) {
    const ours = timeCalls(() => (kept = suppressByLoss(rois, rankRows(loss, rows), rule, suppressedBy).length));
    const select = timeCalls(() => selectHardExamples(rois, config));
    const answer = await theirNms();
    theirKept = answer.kept;
    if (turn < WARMUP) continue;
    times.ours.push(...ours);
    times.select.push(...select);
    times.theirs.push(...answer.ms);
  }
  const [ours, select, theirs] = [summary(times.ours), summary(times.select), summary(times.theirs)];
  const name = `mining NMS, ${numRois} clustered RoIs`;
  return {
    [`${name}: ranked, with suppressors`]: { ...ours, kept },
    [`${name}: select, every status`]: select,
    [`${name}: torchvision nms`]: { ...theirs, kept: theirKept },
    [`${name}: compared`]: {
      timesTorchvision: round(theirs.minMs / ours.minMs),
      timesTorchvisionMedian: round(theirs.medianMs / ours.medianMs),
      selectTimesTorchvision: round(theirs.minMs / select.minMs),
    },
  };
}

function timeCalls(call: () => unknown): number[] {
  return Array.from({ length: CALLS }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
}

/** All background, so that the class loss alone ranks: `nms` takes one score. */
function classRanked(rois: RoiTable): RoiTable {
  rois.gtClass.fill(rois.numClasses);
  return rois;
}

function columnsOf({ x1, y1, x2, y2, lossCls, numRois }: RoiTable): Float32Array {
  const columns = new Float32Array(5 * numRois);
  [x1, y1, x2, y2, lossCls].forEach((column, i) => columns.set(column, i * numRois));
  return columns;
}

function startTheirs(files: readonly string[]) {
  const python = process.env['OHEM_BENCH_PYTHON'] ?? 'python3';
  const script = join(process.cwd(), 'test', 'bench', 'torchvision_nms.py');
  const child = spawn(python, [script, ...files], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.on('error', (error) => (said += error.message));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    return done === true ? null : value;
  };
  return {
    line,
    reason: () => `${python}: ${said.trim().split('\n').at(-1) ?? ''}`,
    async nms(file: number): Promise<TheirAnswer> {
      child.stdin.write(`${file} ${CALLS}\n`);
      const answer = await line();
      if (answer === null) throw new Error(said);
      return JSON.parse(answer) as TheirAnswer;
    },
    stop: () => child.kill(),
  };
}
