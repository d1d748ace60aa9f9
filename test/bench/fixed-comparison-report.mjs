// Tables and figures of "The paper's regime" in docs/training-comparison.md, out of fixed-*.jsonl:
// node test/bench/fixed-comparison-report.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixed, mean, table, withSpread } from './report-numbers.mjs';
import { curves, dots, figure } from './train-comparison-figures.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = `${root}docs/training-comparison.md`;
const figures = `${root}docs/training-comparison`;
const SETS = { scenes: 'scenes', bccd: 'blood cells' };
const ORDER = [
  'paper',
  'random',
  'ssd',
  'mmdet',
  'paper-32',
  'random-32',
  'focal',
  'paper-class',
  'paper-quota',
  'paper-warm',
  'bg-lo',
  'all',
];
/** Curves that can be told apart in one picture. */
const DRAWN = ['paper', 'random', 'ssd', 'mmdet', 'focal', 'all'];

const read = (name) => readFileSync(`${figures}/${name}`, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
const linesOf = Object.fromEntries(Object.keys(SETS).map((set) => [set, read(`fixed-${set}.jsonl`)]));
/** One rate for every arm, and proposals of which more were foreground. */
const early = read('heads-early.jsonl');

/** [arm, its measured trainings]; those that are longer than the configuration's have `epochs`. */
function groupsOf(set, { isLong = false, missing = 0 } = {}) {
  const some = linesOf[set].filter(
    (one) => one.half === 'measure' && one.missing === missing && (one.epochs !== undefined) === isLong,
  );
  return ORDER.map((arm) => [arm, some.filter((one) => one.arm === arm)]).filter(([, all]) => all.length > 0);
}

/** Differences to `random` of the same seed, budget, labels and length. */
function differencesOf(groups, [arm, all]) {
  const base = arm.endsWith('-32') ? 'random-32' : 'random';
  if (arm === base) return [];
  const randoms = groups.find(([name]) => name === base)?.[1] ?? [];
  return all.flatMap(({ seed, coco }) => {
    const random = randoms.find((one) => one.seed === seed);
    return random === undefined ? [] : [coco - random.coco];
  });
}

function difference(groups, group) {
  const differences = differencesOf(groups, group);
  if (differences.length === 0) return ['–', '–'];
  return [withSpread(differences), `${differences.filter((one) => one > 0).length} of ${differences.length}`];
}

/** COCO mAP of each rate on the images that choose, the best of an arm in bold. */
function rateTable(set) {
  const tried = linesOf[set].filter(({ half }) => half === 'choose');
  const rates = [...new Set(tried.map(({ learningRate }) => learningRate))].sort((a, b) => a - b);
  const rows = ORDER.filter((arm) => tried.some((one) => one.arm === arm)).map((arm) => {
    const own = rates.map((rate) => tried.find((one) => one.arm === arm && one.learningRate === rate)?.coco ?? NaN);
    const best = Math.max(...own.filter(Number.isFinite));
    return [`\`${arm}\``, ...own.map((coco) => (coco === best ? `**${fixed(coco)}**` : fixed(coco)))];
  });
  return table(['arm', ...rates.map(String)], rows);
}

function resultTable(groups) {
  const header = [
    'arm',
    'rate',
    'seeds',
    'mAP VOC07',
    'AP75',
    'mAP COCO',
    'COCO − `random`',
    'above',
    'selected',
    'foreground',
    'last loss over all RoIs',
  ];
  const row = ([arm, all]) => [
    `\`${arm}\``,
    all[0].learningRate,
    all.length,
    withSpread(all.map(({ voc07 }) => voc07)),
    fixed(mean(all.map(({ coco75 }) => coco75))),
    withSpread(all.map(({ coco }) => coco)),
    ...difference(groups, [arm, all]),
    fixed(mean(all.map(({ lastSelected }) => lastSelected)), 0),
    `${fixed(100 * mean(all.map(({ lastForeground }) => lastForeground)), 0)} %`,
    fixed(mean(all.map(({ curve }) => curve.at(-1)[1]))),
  ];
  return table(header, groups.map(row));
}

/** Single trainings side by side: the same steps, rate, seed and proposals. */
function sideBySide() {
  const exact = early.filter(({ missing }) => missing === 0);
  const keyOf = ({ foregroundOfStep, numSteps, learningRate, seed }) =>
    [foregroundOfStep.toFixed(1), numSteps, learningRate, seed].join(' · ');
  const arms = ORDER.filter((arm) => exact.some((one) => one.arm === arm));
  const rows = [...new Set(exact.map(keyOf))].map((key) => {
    const some = exact.filter((one) => keyOf(one) === key);
    const paper = some.find(({ arm }) => arm === 'paper');
    return [
      key,
      ...arms.map((arm) => fixed(some.find((one) => one.arm === arm)?.coco)),
      paper === undefined ? '–' : `${fixed(100 * paper.firstForeground, 0)} %`,
      paper?.advice ?? '–',
    ];
  });
  const header = ['foreground a step · steps · rate · seed', ...arms.map((arm) => `\`${arm}\``)];
  return table([...header, 'foreground that `paper` chose', 'advice on `paper`'], rows);
}

const missingRates = [...new Set(linesOf.scenes.map(({ missing }) => missing))].sort((a, b) => a - b);
const missingArms = ['paper', 'random', 'ssd'];
const missingGroups = (missing) => groupsOf('scenes', { missing }).filter(([arm]) => missingArms.includes(arm));
const meanMissing = (all) => mean(all.map(({ missingShare }) => missingShare));

function missingTable() {
  const rows = missingRates.flatMap((missing) => {
    const groups = missingGroups(missing);
    return groups.map(([arm, all]) => [
      `${100 * missing} %`,
      `\`${arm}\``,
      all.length,
      withSpread(all.map(({ coco }) => coco)),
      ...difference(groups, [arm, all]),
      `${fixed(100 * meanMissing(all), 1)} %`,
    ]);
  });
  const deleted = 'deleted objects among the chosen background';
  return table(['deleted', 'arm', 'seeds', 'mAP COCO', 'COCO − `random`', 'above', deleted], rows);
}

let text = readFileSync(page, 'utf8');
function put(name, made) {
  const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!place.test(text)) throw new Error(`${page}: <!-- ${name} --> is missing`);
  text = text.replace(place, (_, start, end) => `${start}\n${made}\n\n${end}`);
}
for (const set of Object.keys(SETS)) {
  put(`rates ${set}`, rateTable(set));
  put(`heads ${set}`, resultTable(groupsOf(set)));
  const long = groupsOf(set, { isLong: true });
  if (long.length > 0) put(`long ${set}`, resultTable(long));
}
put('heads missing', missingTable());
put('heads early', sideBySide());
writeFileSync(page, text);

const save = (name, title, panels) => writeFileSync(`${figures}/${name}.svg`, figure(title, panels));
const lossCurves = (groups, step) =>
  curves(
    groups
      .filter(([arm]) => DRAWN.includes(arm))
      .map(([arm, all]) => [arm, all[0].curve.map(([epoch], i) => [epoch, mean(all.map(({ curve }) => curve[i][1]))])]),
    step,
  );
for (const [set, name] of Object.entries(SETS)) {
  const groups = groupsOf(set);
  save(`heads-${set}`, `A head alone, ${name}: fixed proposals, frozen body`, [
    {
      title: 'COCO mAP: each seed and the mean',
      ...dots(groups.map(([arm, all]) => [arm, all.map(({ coco }) => coco)])),
    },
    { title: 'loss over all RoIs, nats, by epoch', ...lossCurves(groups) },
  ]);
}
const byMissing = (value) =>
  curves(
    missingArms.map((arm, i) => [
      arm,
      missingRates.map((missing) => [100 * missing, value(missingGroups(missing)[i][1])]),
    ]),
    5,
  );
save('missing', 'Labels deleted from the training scenes', [
  { title: 'COCO mAP by share of deleted boxes, %', ...byMissing((all) => mean(all.map(({ coco }) => coco))) },
  { title: 'deleted among the chosen background, %', ...byMissing((all) => 100 * meanMissing(all)) },
]);
const all = [...Object.values(linesOf).flat(), ...early];
console.log(`${all.length} trainings, ${all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)} s of one processor`);
