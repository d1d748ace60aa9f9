/**
 * What is known to spoil a training that mines, each with where it was seen. One entry a rule; the CLI, the trainings
 * and the panel say the same words.
 */
import type { MiningConfig } from '../mining/mining-options.js';
import { samplerOf } from '../mining/samplers/index.js';
import { budgetOption } from '../mining/select.js';
import type { Said } from '../said.js';
import type { AdviceFacts, PresetFacts } from './advice-facts.js';

/** Who will train, where that is known: a run alone does not say. */
export interface TrainingPlan {
  /** RoIs come from a proposal stage that learns at the same time, and begins from nothing. */
  readonly proposalsBeginAnew: boolean;
}

/** `against`: trainings like this one lost to random sampling. `caution`: something to look at before. */
export type Severity = 'against' | 'caution';

export interface AdviceRule {
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, with numbers; null: nothing. @param plan null: nobody is about to train. */
  finds(facts: AdviceFacts, plan: TrainingPlan | null): Said | null;
  /** What to do instead. */
  todo(facts: AdviceFacts): Said;
  /** Where it was measured or said. */
  readonly evidence: string;
}

/** All that is said of a run, but for its evidence, which stays English: the editor says it in other languages. */
export const ADVICE_WORDS = {
  foreground: 'mining would train on {0} % foreground ({1} foreground RoIs a minibatch, {2} selected)',
  other: 'prefer {0}',
  otherOrRaise: 'prefer {0}, or raise B to {1}',
  raise: 'raise B to {0}',
  fewer: 'give proposals of which fewer overlap an object',
  unlabelled: '{0} % of the background that mining would train on is surely an object and touches no annotation',
  findLabels: 'look for missing labels first ({0})',
  rankedByClass: 'ranked by class loss alone, mining does not look for boxes that are off',
  rankByTotal: 'rank by {0}',
  newProposals: 'the proposals come from a stage that begins to learn with the head: its first ones confuse mining',
  begin: 'begin from a trained checkpoint ({0})',
  suits: 'nothing speaks against mining with {0}: it would train on {1} % foreground',
  blind: '{0} does not look at losses; of OHEM (paper) {1} % would be foreground',
} as const;

/** Presets that keep a quota of foreground, and did well wherever they were compared. */
function isWithQuota({ preset }: PresetFacts): boolean {
  return preset === 'ssd' || preset === 'mmdet';
}

/** Mining that trains on more foreground than this loses to random sampling, */
export const MOST_FOREGROUND = 0.55;
/** unless it selects more of all background than this: too much to be forgotten. Measured below .05 and above .19. */
export const ENOUGH_OF_BACKGROUND = 0.15;
/** Selected background that is surely an object and touches no annotation: more than this is missing labels. */
export const MOST_SURE_ALONE = 0.5;
/** Fewer rows say nothing. */
const ENOUGH_BACKGROUND = 20;

const FOREGROUND: AdviceRule = {
  id: 'foreground',
  severity: 'against',
  finds: ({ own, numForeground, numRois }) =>
    own.foregroundShare <= MOST_FOREGROUND || backgroundShare(own, numRois - numForeground) > ENOUGH_OF_BACKGROUND
      ? null
      : {
          text: ADVICE_WORDS.foreground,
          values: [percent(own.foregroundShare), count(numForeground), count(own.numSelected)],
        },
  todo: (facts) => {
    const larger = largerBudget(facts);
    const better = facts.others.filter((other) => isWithQuota(other) && other.foregroundShare <= MOST_FOREGROUND);
    const names = better.map(({ preset }) => preset).join(' / ');
    if (names === '')
      return larger === null
        ? { text: ADVICE_WORDS.fewer, values: [] }
        : { text: ADVICE_WORDS.raise, values: [larger] };
    return larger === null
      ? { text: ADVICE_WORDS.other, values: [names] }
      : { text: ADVICE_WORDS.otherOrRaise, values: [names, larger] };
  },
  evidence:
    'docs/training-comparison.md: with B below the foreground of a step OHEM lost to random in 25 of 25 pairs, with ' +
    'B twice or 1.5 times as large it won in 28 of 28 (between, a head alone won at two of three rates, one seed); ' +
    'where it selected 192 of 530 RoIs, a quarter of all background with them, it won in 5 of 5 below it, too; ' +
    'Shrivastava et al. (CVPR 2016) have some 70 background RoIs for each foreground one',
};

const UNLABELLED: AdviceRule = {
  id: 'missing-labels',
  severity: 'caution',
  finds: ({ background: { numSelected, sureAloneShare } }) =>
    sureAloneShare === null || sureAloneShare <= MOST_SURE_ALONE || numSelected < ENOUGH_BACKGROUND
      ? null
      : {
          text: ADVICE_WORDS.unlabelled,
          values: [percent(sureAloneShare)],
        },
  todo: () => ({ text: ADVICE_WORDS.findLabels, values: ['ohem suspects'] }),
  evidence:
    'docs/training-comparison.md: 24 of 24 such RoIs of the blood cells framed a cell that nobody annotated; ' +
    'github.com/daijifeng001/R-FCN/issues/32: mining searches the whole image, objects without a label too',
};

const RANKED_BY_CLASS: AdviceRule = {
  id: 'ranked-by-class',
  severity: 'against',
  finds: ({ mining }, plan) =>
    plan?.proposalsBeginAnew === true &&
    samplerOf(mining.preset).options.includes('rankBy') &&
    samplerOf(mining.preset).looks === 'at losses' &&
    mining.rankBy === 'class'
      ? { text: ADVICE_WORDS.rankedByClass, values: [] }
      : null,
  todo: () => ({ text: ADVICE_WORDS.rankByTotal, values: ['total'] }),
  evidence:
    'docs/training-comparison.md: COCO mAP .073 below random on the blood cells, in 3 of 3 pairs from nothing; of a ' +
    'head alone on fixed proposals it did as well as by total, in 5 of 5',
};

const NEW_PROPOSALS: AdviceRule = {
  id: 'new-proposals',
  severity: 'caution',
  finds: ({ mining }, plan) =>
    plan?.proposalsBeginAnew === true && samplerOf(mining.preset).looks === 'at losses'
      ? { text: ADVICE_WORDS.newProposals, values: [] }
      : null,
  todo: () => ({ text: ADVICE_WORDS.begin, values: ['init'] }),
  evidence:
    'github.com/YuwenXiong/py-R-FCN/issues/1: poor RoIs of the first steps confuse OHEM; ' +
    'github.com/abhi2610/ohem/issues/1: 65.4 and 66.6 mAP end to end, 69.6 without OHEM',
};

/** In the order in which they count. */
export const ADVICE_RULES: readonly AdviceRule[] = [FOREGROUND, UNLABELLED, RANKED_BY_CLASS, NEW_PROPOSALS];

/**
 * The power of two from which backgrounds have to be chosen: 1.5 times the foreground of a minibatch (measured: 256 for
 * 169 works). null where B does not decide, or would be more than half of the RoIs.
 */
function largerBudget({ mining, numForeground, numRois }: AdviceFacts): number | null {
  const larger = 2 ** Math.ceil(Math.log2(Math.max(1, 1.5 * numForeground)));
  return decidesByB(mining) && larger > mining.batchSize && larger <= numRois / 2 ? larger : null;
}

/** Share of all background that a preset selects, [0, 1]. @param numBackground of a minibatch. */
function backgroundShare({ numSelected, foregroundShare }: PresetFacts, numBackground: number): number {
  return numBackground > 0 ? (numSelected * (1 - foregroundShare)) / numBackground : 0;
}

function decidesByB(mining: MiningConfig): boolean {
  return budgetOption(mining) === 'batchSize';
}

function percent(share: number): number {
  return Math.round(100 * share);
}

function count(mean: number): number {
  return mean < 10 ? Number(mean.toPrecision(2)) : Math.round(mean);
}
