// OHEM against other samplers, the same schedule:  node test/bench/train-comparison.mjs DATA… [--seeds 5] [--samplers
// paper,random] [--cli dist/cli.mjs]
// DATA: a name of docs/training-comparison/NAME.yaml. Seed by seed over all samplers, so that what is finished is
// always balanced.
// A line of docs/training-comparison/results.jsonl for each finished training; what is there is not trained again, and
// a training that was interrupted goes on. `ohem train`'s own files: out/train-comparison.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { isMain } from '../is-main.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'docs/training-comparison');
export const RESULTS = join(folder, 'results.jsonl');
/** Roughly the same number of RoIs for each sampler that has a budget; `ssd` and `all` have none. */
export const SAMPLERS = {
  paper: { preset: 'paper', batchSize: 64 },
  random: { preset: 'random', batchSize: 64 },
  'bg-lo': { preset: 'bg-lo', batchSize: 64 },
  all: { preset: 'all' },
  ssd: { preset: 'ssd' },
  'paper-class': { preset: 'paper', batchSize: 64, rankBy: 'class' },
  'paper-128': { preset: 'paper', batchSize: 128 },
  'random-128': { preset: 'random', batchSize: 128 },
  'paper-192': { preset: 'paper', batchSize: 192 },
  'random-192': { preset: 'random', batchSize: 192 },
};
/** Compared unless others are named: `paper-class` only asks for a cause, numbers are budgets of other regimes. */
const COMPARED = 'paper,random,bg-lo,all,ssd';

/** Finished trainings, in the order in which they ended. */
export function readResults() {
  if (!existsSync(RESULTS)) return [];
  return readFileSync(RESULTS, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function isDone(data, sampler, seed) {
  return readResults().some((one) => one.data === data && one.sampler === sampler && one.seed === seed);
}

/** Trains once; the log's lines. */
async function train(cli, data, sampler, seed) {
  const file = join(folder, `${data}.yaml`);
  const shared = parse(readFileSync(file, 'utf8'));
  const out = join(root, 'out/train-comparison', data, `${sampler}-${seed}`);
  const placed = (part, keys) =>
    Object.fromEntries(
      Object.entries(part).map(([key, value]) => [key, keys.includes(key) ? resolve(dirname(file), value) : value]),
    );
  const sets = Object.fromEntries(
    ['data', 'validation']
      .filter((key) => key in shared)
      .map((key) => [key, placed(shared[key], ['path', 'proposals'])]),
  );
  const config = { ...placed(shared, ['init']), ...sets, sampler: SAMPLERS[sampler], seed, out };
  mkdirSync(out, { recursive: true });
  writeFileSync(`${out}.yaml`, stringify(config));
  const resume = existsSync(join(out, 'state.bin')) ? ['--resume'] : [];
  await run([cli, 'train', '--config', `${out}.yaml`, ...resume]);
  return readFileSync(join(out, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function run(args) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => (said = (said + text).slice(-4000)));
    child.on('error', failed);
    child.on('close', (code) =>
      code === 0 ? done() : failed(new Error(`${args.join(' ')} ended with ${code}\n${said}`)),
    );
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value) => Number(value.toPrecision(5));
/** Value below which a share of them lies. */
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
const PHASES = ['bodyMs', 'readOnlyMs', 'selectionMs', 'trainableMs'];
const LOSSES = [
  'objectness',
  'proposalBox',
  'cls',
  'box',
  'selectedLoss',
  'allRoiLoss',
  'foregroundShare',
  'numRois',
  'numSelected',
];

/** A training as one line: means over the last epoch, times of a step, the curve of each quarter of an epoch. */
function summarise(data, sampler, seed, lines) {
  const steps = lines.filter(({ event }) => event === 'steps');
  const epochs = lines.filter(({ event }) => event === 'epoch');
  const { epoch: numEpochs, step: numSteps, validation } = epochs.at(-1);
  const last = steps.filter(({ epoch }) => epoch > numEpochs - 1);
  const over = (some, keys) => Object.fromEntries(keys.map((key) => [key, round(mean(some.map((line) => line[key])))]));
  const quarters = Array.from({ length: numEpochs * 4 }, (_, q) =>
    steps.filter(({ epoch }) => Math.ceil(epoch * 4 - 1e-9) - 1 === q),
  ).filter(({ length }) => length > 0);
  const times = (share) =>
    Object.fromEntries(
      PHASES.map((phase) => [
        phase,
        round(
          quantile(
            steps.map((line) => line[phase]),
            share,
          ),
        ),
      ]),
    );
  return {
    data,
    sampler,
    seed,
    numSteps,
    numEpochs,
    validation,
    lastEpoch: over(last, LOSSES),
    medianMs: times(0.5),
    fastMs: times(0.1),
    rssMiB: Math.round(Math.max(...steps.map(({ rssMiB }) => rssMiB))),
    tensorMiB: round(Math.max(...steps.map(({ tensorMiB }) => tensorMiB))),
    evaluations: epochs
      .filter((one) => one.validation !== null)
      .map(({ epoch, validation: { voc07, coco } }) => [epoch, round(voc07), round(coco)]),
    curve: quarters.map((some) => ({
      epoch: round(some.at(-1).epoch),
      ...over(some, ['selectedLoss', 'allRoiLoss', 'foregroundShare']),
    })),
  };
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '5' },
      samplers: { type: 'string', default: COMPARED },
      cli: { type: 'string', default: join(root, 'dist/cli.mjs') },
    },
  });
  if (positionals.length === 0) {
    console.error(
      'node test/bench/train-comparison.mjs bccd scenes [--seeds 5] [--samplers paper,random] [--cli dist/cli.mjs]',
    );
    process.exit(2);
  }
  for (const data of positionals) {
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      for (const sampler of values.samplers.split(',')) {
        if (isDone(data, sampler, seed)) continue;
        const started = performance.now();
        const line = summarise(data, sampler, seed, await train(values.cli, data, sampler, seed));
        appendFileSync(RESULTS, `${JSON.stringify(line)}\n`);
        const { voc07, coco } = line.validation ?? { voc07: NaN, coco: NaN };
        console.log(
          `${data} ${sampler} ${seed}: VOC07 ${voc07.toFixed(3)}, COCO ${coco.toFixed(3)}, ` +
            `${((performance.now() - started) / 1000).toFixed(0)} s`,
        );
      }
    }
  }
}
