// Tables and figures of "The paper's regime" in docs/training-comparison.md, out of fixed.jsonl:
// node test/bench/fixed-comparison-report.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixed, mean, table, withSpread } from './report-numbers.mjs';
import { curves, dots, figure } from './train-comparison-figures.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = `${root}docs/training-comparison.md`;
const figures = `${root}docs/training-comparison`;
const ORDER = [
  'paper',
  'random',
  'ssd',
  'mmdet',
  'paper-32',
  'random-32',
  'paper-quota',
  'paper-warm',
  'paper-class',
  'bg-lo',
  'all',
];

const read = (name) => readFileSync(`${figures}/${name}`, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
const lines = read('fixed.jsonl');
/** With proposals of which more were foreground. */
const early = read('heads-early.jsonl');
const measured = lines.filter(({ half }) => half === 'measure');
const groups = (missing) =>
  ORDER.map((arm) => [arm, measured.filter((one) => one.arm === arm && one.missing === missing)]).filter(
    ([, all]) => all.length > 0,
  );

/** [this one, `random` of the same seed, budget and labels]. */
function pairs(all) {
  return all.flatMap((one) => {
    const base = one.arm.endsWith('-32') ? 'random-32' : 'random';
    const random = measured.find(
      ({ arm, seed, missing }) => arm === base && seed === one.seed && missing === one.missing,
    );
    return random === undefined || random === one ? [] : [[one, random]];
  });
}

function difference(all, key) {
  const differences = pairs(all).map(([one, random]) => one[key] - random[key]);
  if (differences.length === 0) return ['–', '–'];
  return [withSpread(differences), `${differences.filter((one) => one > 0).length} of ${differences.length}`];
}

function resultTable(missing) {
  const header = [
    'arm',
    'seeds',
    'mAP VOC07',
    'mAP COCO',
    'COCO − `random`',
    'above',
    'selected',
    'foreground',
    'last loss over all RoIs',
    'CPU s',
  ];
  const row = ([arm, all]) => [
    `\`${arm}\``,
    all.length,
    withSpread(all.map(({ voc07 }) => voc07)),
    withSpread(all.map(({ coco }) => coco)),
    ...difference(all, 'coco'),
    fixed(mean(all.map(({ lastSelected }) => lastSelected)), 0),
    `${fixed(100 * mean(all.map(({ lastForeground }) => lastForeground)), 0)} %`,
    fixed(mean(all.map(({ curve }) => curve.at(-1)[1]))),
    fixed(mean(all.map(({ cpuSeconds }) => cpuSeconds)), 0),
  ];
  return table(header, groups(missing).map(row));
}

/** Single trainings side by side: the same steps, rate, seed and proposals. */
function sideBySide() {
  const all = [...lines, ...early];
  const keyOf = ({ foregroundOfStep, numSteps, learningRate, seed }) =>
    [foregroundOfStep.toFixed(1), numSteps, learningRate, seed].join(' · ');
  const keys = [...new Set(all.filter(({ missing }) => missing === 0).map(keyOf))];
  const arms = ORDER.filter((arm) => all.some((one) => one.arm === arm));
  const rows = keys.map((key) => {
    const some = all.filter((one) => one.missing === 0 && keyOf(one) === key);
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

function missingTable() {
  const rates = [...new Set(measured.map(({ missing }) => missing))].sort((a, b) => a - b);
  const rows = rates.flatMap((missing) =>
    groups(missing)
      .filter(([arm]) => ['paper', 'random', 'ssd'].includes(arm))
      .map(([arm, all]) => [
        `${100 * missing} %`,
        `\`${arm}\``,
        all.length,
        withSpread(all.map(({ coco }) => coco)),
        ...difference(all, 'coco'),
        `${fixed(100 * mean(all.map(({ missingShare }) => missingShare)), 1)} %`,
      ]),
  );
  const header = [
    'deleted',
    'arm',
    'seeds',
    'mAP COCO',
    'COCO − `random`',
    'above',
    'deleted objects among the chosen background',
  ];
  return table(header, rows);
}

let text = readFileSync(page, 'utf8');
function put(name, made) {
  text = text.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`),
    (_, start, end) => `${start}\n${made}\n\n${end}`,
  );
}
put('heads side by side', sideBySide());
put('heads', resultTable(0));
put('heads missing', missingTable());
writeFileSync(page, text);

const whole = [...measured, ...early.filter(({ half }) => half === 'measure')];
const shown = ORDER.map((arm) => [arm, whole.filter((one) => one.arm === arm && one.missing === 0)]).filter(
  ([, all]) => all.length > 0,
);
const seconds = [...lines, ...early].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
writeFileSync(
  `${figures}/heads.svg`,
  figure('Trainings of a head: fixed proposals, frozen body', [
    {
      title: 'COCO mAP: each seed and the mean',
      ...dots(shown.map(([arm, all]) => [arm, all.map(({ coco }) => coco)])),
    },
    {
      title: 'loss over all RoIs, nats, by epoch: mean of the seeds',
      ...curves(
        shown.map(([arm, all]) => [
          arm,
          all[0].curve.map(([epoch], i) => [epoch, mean(all.map(({ curve }) => curve[i][1]))]),
        ]),
      ),
    },
  ]),
);
console.log(`${lines.length + early.length} trainings, ${seconds} s of one processor`);
