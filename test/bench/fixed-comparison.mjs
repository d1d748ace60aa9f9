// The paper's regime at our scale, docs/training-comparison.md:  node test/bench/fixed-comparison.mjs SET PLAN…
// SET: scenes, bccd. PLAN: rates, seeds, budgets, others, missing, long. A line of docs/training-comparison/fixed.jsonl
// (bccd: fixed-bccd.jsonl) for each finished training; lines that are there are not trained again. Needs the set's body
// (the page says how) and TFJS_NODE_PATH.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadTypeScript } from '../load-ts.mjs';

const SETS = {
  scenes: { config: 'fixed-scenes.yaml', lines: 'fixed.jsonl' },
  bccd: { config: 'fixed-bccd.yaml', lines: 'fixed-bccd.jsonl' },
};
const [set, ...plans] = process.argv.slice(2);
const folder = fileURLToPath(new URL('../../docs/training-comparison/', import.meta.url));
const file = `${folder}${SETS[set]?.config}`;
const results = `${folder}${SETS[set]?.lines}`;
const RATES = [0.01, 0.03, 0.06, 0.1];
const COMPARED = ['paper', 'random', 'ssd', 'mmdet'];
const OTHERS = ['focal', 'paper-class', 'paper-quota', 'paper-warm', 'bg-lo', 'all'];
/** 10,000 steps; the others have 600. */
const LONG_EPOCHS = 50;
const SEEDS = [0, 1, 2, 3, 4];
/** Draws the heads that only choose a rate. */
const CHOOSING_SEED = 100;

/** The best rate of an arm by the images that choose; an arm that chose none has `paper`'s or, blind, `random`'s. */
function rateOf(arm) {
  const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean).map(JSON.parse) : [];
  const chosen = (name) => lines.filter((one) => one.half === 'choose' && one.arm === name);
  const own = chosen(arm);
  const like = arm.startsWith('paper') ? 'paper' : 'random';
  return (own.length > 0 ? own : chosen(like)).toSorted((a, b) => b.coco - a.coco)[0].learningRate;
}

const seeds = (arms, missing = 0) =>
  SEEDS.flatMap((seed) => arms.map((arm) => ({ arm, seed, learningRate: rateOf(arm), missing })));
const PLANS = {
  rates: () =>
    [...COMPARED, ...OTHERS].flatMap((arm) =>
      RATES.map((learningRate) => ({ arm, seed: CHOOSING_SEED, learningRate, missing: 0 })),
    ),
  seeds: () => seeds(COMPARED),
  budgets: () => seeds(['paper-32', 'random-32']),
  others: () => seeds(OTHERS),
  long: () => seeds(['paper', 'random', 'ssd', 'focal']).map((plan) => ({ ...plan, epochs: LONG_EPOCHS })),
  missing: () => [0.2, 0.1, 0.05].flatMap((missing) => seeds(['paper', 'random', 'ssd'], missing)),
};

if (!(set in SETS) || plans.length === 0 || plans.some((name) => !(name in PLANS))) {
  const known = [Object.keys(SETS), Object.keys(PLANS)].map((names) => names.join('|'));
  console.error(`node test/bench/fixed-comparison.mjs ${known.join(' ')}`);
  process.exit(2);
}
const { compareHeads, share } = await loadTypeScript('test/bench/fixed/fixed-comparison.ts');
const shared = await share(file, parse(readFileSync(file, 'utf8')));
for (const name of plans)
  await compareHeads(shared, { results, half: name === 'rates' ? 'choose' : 'measure' }, PLANS[name]());
