// Tables and figures of docs/training-comparison.md from its results:  node test/bench/train-comparison-report.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixed, mean, table, withSpread } from './report-numbers.mjs';
import { readResults } from './train-comparison.mjs';
import { curves, dots, figure, stackedBars } from './train-comparison-figures.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = join(root, 'docs/training-comparison.md');
const figures = join(root, 'docs/training-comparison');
const TITLES = { bccd: 'blood cells (bccd)', scenes: 'scenes of the sample' };
const ORDER = 'paper paper-class paper-128 paper-192 random random-128 random-192 bg-lo all ssd'.split(' ');
const PHASES = { bodyMs: 'body', readOnlyMs: 'read-only (a)', selectionMs: 'selection', trainableMs: '(b), backward' };

const sum = (object) => Object.values(object).reduce((total, value) => total + value, 0);

const results = readResults();
const sets = Object.keys(TITLES).filter((data) => results.some((one) => one.data === data));
/** [sampler, its trainings], those that were trained, in one order. */
const groupsOf = (data) =>
  ORDER.map((sampler) => [sampler, results.filter((one) => one.data === data && one.sampler === sampler)]).filter(
    ([, all]) => all.length > 0,
  );

/** Precision, losses, seconds a step and memory of each sampler. */
function resultTable(data) {
  const header = [
    'sampler',
    'seeds',
    'mAP VOC07',
    'mAP COCO',
    'loss over all RoIs',
    'loss of the selected',
    'selected',
    'foreground',
    's/step',
    'RSS MiB',
  ];
  const row = ([sampler, all]) => {
    const last = (key) => all.map(({ lastEpoch }) => lastEpoch[key]);
    return [
      `\`${sampler}\``,
      all.length,
      withSpread(
        all.map(({ validation }) => validation.voc07),
        3,
      ),
      withSpread(
        all.map(({ validation }) => validation.coco),
        3,
      ),
      withSpread(last('allRoiLoss'), 3),
      fixed(mean(last('selectedLoss')), 2),
      `${fixed(mean(last('numSelected')), 0)} of ${fixed(mean(last('numRois')), 0)}`,
      `${fixed(100 * mean(last('foregroundShare')), 0)} %`,
      fixed(sum(phases(data, all)) / 1000, 3),
      fixed(mean(all.map(({ rssMiB }) => rssMiB)), 0),
    ];
  };
  return table(header, groupsOf(data).map(row));
}

/**
 * ms of each part of a step on a quiet machine. The body's forward is the same work for every sampler: parts are taken
 * relative to it, as medians over a training's steps and means over seeds, and scaled by the quickest body of the data
 * set.
 */
function phases(data, all) {
  const quickest = Math.min(...results.filter((one) => one.data === data).map(({ fastMs }) => fastMs.bodyMs));
  return Object.fromEntries(
    Object.keys(PHASES).map((phase) => [
      phase,
      quickest * mean(all.map(({ medianMs }) => medianMs[phase] / medianMs.bodyMs)),
    ]),
  );
}

/**
 * What a step costs, and what it would without the read-only pass and selection: both of the same steps, so that what
 * else ran cancels.
 */
function costTable(data) {
  const row = ([sampler, all]) => {
    const ms = phases(data, all);
    const shares = all.map(({ medianMs }) => (medianMs.readOnlyMs + medianMs.selectionMs) / sum(medianMs));
    return [
      `\`${sampler}\``,
      ...Object.keys(PHASES).map((phase) => fixed(ms[phase], 1)),
      fixed(sum(ms), 0),
      `${fixed(100 * mean(shares), 1)} %`,
      `${fixed(1 / (1 - mean(shares)), 2)}×`,
    ];
  };
  return table(
    ['sampler', ...Object.values(PHASES), 'step, ms', 'share of (a) and selection', 'step with them ÷ without'],
    groupsOf(data).map(row),
  );
}

/** AP of each class at IoU .5. */
function classTable(data, names) {
  return table(
    ['sampler', ...names],
    groupsOf(data).map(([sampler, all]) => [
      `\`${sampler}\``,
      ...names.map((_, k) =>
        withSpread(
          all.map(({ validation }) => validation.byClass[k]),
          3,
        ),
      ),
    ]),
  );
}

/** Difference of mAP to `random`, seed by seed. */
function pairTable(data) {
  const all = new Map(groupsOf(data));
  const isRandom = (sampler) => sampler.startsWith('random');
  const [, randoms = []] = groupsOf(data).find(([sampler]) => isRandom(sampler)) ?? [];
  const base = new Map(randoms.map((one) => [one.seed, one.validation]));
  const row = ([sampler, some]) => {
    const pairs = some.filter(({ seed }) => base.has(seed));
    const differences = (key) => pairs.map(({ seed, validation }) => validation[key] - base.get(seed)[key]);
    const better = differences('voc07').filter((difference) => difference > 0).length;
    return [
      `\`${sampler}\``,
      withSpread(differences('voc07'), 3),
      withSpread(differences('coco'), 3),
      `${better} of ${pairs.length}`,
    ];
  };
  return table(
    ['sampler', 'VOC07 − `random`', 'COCO − `random`', 'seeds above, VOC07'],
    [...all].filter(([sampler]) => !isRandom(sampler)).map(row),
  );
}

const CLASSES = { bccd: ['Platelets', 'RBC', 'WBC'], scenes: ['screw', 'nut', 'washer', 'coin', 'button', 'key'] };
let text = readFileSync(page, 'utf8');
/** Between `<!-- kind data -->` and `<!-- end -->`. */
function put(kind, data, made) {
  text = text.replace(
    new RegExp(`(<!-- ${kind} ${data} -->\n)[^]*?(<!-- end -->)`),
    (_, start, end) => `${start}${made}\n${end}`,
  );
}
for (const data of sets) {
  const parts = {
    result: resultTable(data),
    pair: pairTable(data),
    cost: costTable(data),
    class: classTable(data, CLASSES[data]),
  };
  for (const [kind, made] of Object.entries(parts)) put(kind, data, made);
}
put('cost', 'cost', costTable('cost'));
for (const data of ['unfrozen', 'sample-head']) {
  put('result', data, resultTable(data));
  put('pair', data, pairTable(data));
}
writeFileSync(page, text);

const panels = (make) => sets.map((data) => ({ title: TITLES[data], ...make(groupsOf(data), data) }));
const write = (name, svg) => writeFileSync(join(figures, `${name}.svg`), svg);
write(
  'precision',
  figure(
    'mAP, VOC 2007 rule: each seed and the mean',
    panels((groups) => dots(groups.map(([name, all]) => [name, all.map(({ validation }) => validation.voc07)]))),
  ),
);
const curve = (key) => (groups) =>
  curves(
    groups.map(([name, all]) => [
      name,
      all[0].curve.map(({ epoch }, i) => [epoch, mean(all.map((one) => one.curve[i][key]))]),
    ]),
  );
write(
  'all-roi-loss',
  figure('loss over all RoIs during training, nats, by epoch: mean of the seeds', panels(curve('allRoiLoss'))),
);
write(
  'foreground',
  figure('share of foreground among the selected, by epoch: mean of the seeds', panels(curve('foregroundShare'))),
);
write(
  'step',
  figure(
    'a step, ms',
    panels((groups, data) =>
      stackedBars(
        groups.map(([name, all]) => [
          name,
          Object.entries(PHASES).map(([phase, label]) => [label, phases(data, all)[phase]]),
        ]),
      ),
    ),
  ),
);
console.log(`${results.length} trainings`);
