// The paper's regime at our scale, docs/training-comparison.md:  node test/bench/fixed-comparison.mjs SET PLAN…
// SET: scenes, bccd. PLAN: rates, seeds, budgets, others, missing, long. A line of
// docs/training-comparison/fixed-SET.jsonl for each finished training; lines that are there are not trained again.
// Needs the set's body (the page says how) and TFJS_NODE_PATH.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { loadTypeScript } from '../load-ts.mjs';

const SETS = {
  scenes: { config: 'fixed-scenes.yaml', lines: 'fixed-scenes.jsonl', longEpochs: 50 },
  bccd: { config: 'fixed-bccd.yaml', lines: 'fixed-bccd.jsonl', longEpochs: 68 },
};
const [set, ...plans] = process.argv.slice(2);
const folder = fileURLToPath(new URL('../../docs/training-comparison/', import.meta.url));
const file = `${folder}${SETS[set]?.config}`;
const results = `${folder}${SETS[set]?.lines}`;
const RATES = [0.003, 0.01, 0.03, 0.06, 0.1, 0.2];
const COMPARED = ['paper', 'random', 'ssd', 'mmdet'];
const SMALL = ['paper-32', 'random-32'];
const OTHERS = ['focal', 'paper-class', 'paper-quota', 'paper-warm', 'bg-lo', 'all'];
/** 10,000 steps; the others have 600. */
const LONG_EPOCHS = SETS[set]?.longEpochs;
const SEEDS = [0, 1, 2, 3, 4];
/** Draws the heads that only choose a rate. */
const CHOOSING_SEED = 100;

/** The rate that an arm did best with on the images that choose; plan `rates` must have been run. */
function rateOf(arm) {
  const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean).map(JSON.parse) : [];
  const tried = lines.filter((one) => one.half === 'choose' && one.arm === arm);
  if (tried.length < RATES.length) throw new Error(`${arm}: plan "rates" has ${tried.length} of ${RATES.length} rates`);
  return tried.toSorted((a, b) => b.coco - a.coco)[0].learningRate;
}

const seeds = (arms, missing = 0) =>
  SEEDS.flatMap((seed) => arms.map((arm) => ({ arm, seed, learningRate: rateOf(arm), missing })));
const PLANS = {
  rates: () =>
    [...COMPARED, ...SMALL, ...OTHERS].flatMap((arm) =>
      RATES.map((learningRate) => ({ arm, seed: CHOOSING_SEED, learningRate, missing: 0 })),
    ),
  seeds: () => seeds(COMPARED),
  budgets: () => seeds(SMALL),
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
