/** The examples of compared checkpoints, ready for questions: filtered, counted, put in order. */
import { CHANGE_IDS, changesBetween, type LossLook } from '../../core/reports/checkpoint-changes.js';
import { trainingDynamics, type Dynamics } from '../../core/reports/training-dynamics.js';
import { rankRows } from '../../core/rank.js';
import { NONE } from '../../core/tables.js';
import {
  SCATTER_BINS,
  type CheckpointAnswer,
  type CheckpointQuery,
  type CheckpointRow,
  type CheckpointSort,
  type Scatter,
} from '../../protocol/checkpoint-messages.js';
import { pairOf } from './compare-runs.js';
import type { Looks } from './observed-runs.js';

/** Larger comes first; NaN last. */
type SortKey = (table: Pair, e: number) => number;
const SORT_KEYS: Readonly<Record<CheckpointSort, SortKey>> = {
  moved: ({ a, b }, e) => moved(a.loss[e], b.loss[e]),
  'loss-a': ({ a }, e) => a.loss[e],
  'loss-b': ({ b }, e) => b.loss[e],
  aum: ({ dynamics }, e) => -dynamics.aum[e],
  forgotten: ({ dynamics }, e) => (dynamics.firstLearned[e] === NONE ? Infinity : dynamics.numForgotten[e]),
};

/** Found or lost altogether is further than any loss. */
function moved(before: number, after: number): number {
  const isKnown = !Number.isNaN(before);
  return isKnown === !Number.isNaN(after) ? Math.abs(after - before) : Infinity;
}

/** Two looks, and what became of each example between them. */
interface Pair {
  readonly a: LossLook;
  readonly b: LossLook;
  readonly dynamics: Dynamics;
  /** E: codes of `CHANGE_IDS`. */
  readonly codes: Uint8Array;
  /** The largest finite loss of both, nats. */
  readonly most: number;
  /** E: steps of the scatter. */
  readonly stepA: Uint8Array;
  readonly stepB: Uint8Array;
}

interface Found {
  readonly answer: Pick<CheckpointAnswer, 'a' | 'b' | 'highLoss' | 'numExamples' | 'numShown' | 'byClass' | 'scatter'>;
  /** Examples that pass, in the order in which they are shown. */
  readonly rows: Int32Array;
}

/** What has been read until a moment. What was computed for one question serves the next. */
export class CheckpointTable {
  readonly #dynamics: Dynamics;
  #pair: { readonly key: string; readonly pair: Pair } | undefined;
  #last: { readonly question: string; readonly found: Found } | undefined;

  constructor(readonly looks: Looks) {
    this.#dynamics = trainingDynamics(looks.observations);
  }

  /**
   * Filters, counts and sorts.
   * @throws MiningError 'options' where there is no such look. Cost: linear in the examples.
   */
  query(query: CheckpointQuery): Found['answer'] {
    return this.#find(query).answer;
  }

  #find(query: CheckpointQuery): Found {
    const question = JSON.stringify(query);
    if (this.#last?.question !== question) this.#last = { question, found: this.#findAnew(query) };
    return this.#last.found;
  }

  /** Rows [first, first + most) of those that pass; fewer at the end. */
  page(query: CheckpointQuery, first: number, most: number): CheckpointRow[] {
    const { answer, rows } = this.#find(query);
    const { codes } = this.#pairOf(answer.a, answer.b, answer.highLoss);
    return Array.from(rows.subarray(first, first + most), (e) => this.#rowOf(e, codes[e]));
  }

  #findAnew(query: CheckpointQuery): Found {
    const { looks } = this;
    const { a, b, highLoss } = pairOf(looks, query);
    const pair = this.#pairOf(a, b, highLoss);
    const passes = filterOf(query, pair, looks);
    const shown: number[] = [];
    const cells = new Map<number, number>();
    const byClass = looks.classes.map(() => CHANGE_IDS.map(() => 0));
    pair.codes.forEach((code, e) => {
      const [ofChange, ofClass, ofArea] = passes(e);
      if (ofArea) byClass[looks.label[e]][code]++;
      if (ofArea && ofClass && ofChange) shown.push(e);
      if (ofClass && ofChange) count(cells, (pair.stepA[e] * CELL + pair.stepB[e]) * CELL + code);
    });
    const answer = {
      a,
      b,
      highLoss,
      numExamples: pair.codes.length,
      numShown: shown.length,
      byClass: byClass.flatMap((counts, label) => (counts.some((each) => each > 0) ? [{ label, counts }] : [])),
      scatter: { most: pair.most, cells: [...cells].map(([cell, number]) => cellOf(cell, number)) },
    };
    return { answer, rows: inOrder(shown, pair, SORT_KEYS[query.sort]) };
  }

  #pairOf(a: number, b: number, highLoss: number): Pair {
    const key = `${a} ${b} ${highLoss}`;
    if (this.#pair?.key !== key) this.#pair = { key, pair: this.#pairAnew(a, b, highLoss) };
    return this.#pair.pair;
  }

  #pairAnew(before: number, after: number, highLoss: number): Pair {
    const [a, b] = [this.looks.observations[before], this.looks.observations[after]];
    const most = Math.max(greatest(a.loss), greatest(b.loss));
    return {
      a,
      b,
      dynamics: this.#dynamics,
      codes: changesBetween(a, b, highLoss),
      most,
      stepA: Uint8Array.from(a.loss, (loss) => stepOf(loss, most)),
      stepB: Uint8Array.from(b.loss, (loss) => stepOf(loss, most)),
    };
  }

  #rowOf(e: number, code: number): CheckpointRow {
    const { image, gtIndex, label, classes, isDetection, observations } = this.looks;
    const { aum, numForgotten, firstLearned } = this.#dynamics;
    return {
      image: image[e],
      gt: isDetection ? gtIndex[e] : null,
      label: classes[label[e]],
      change: CHANGE_IDS[code],
      losses: observations.map(({ loss }) => (Number.isFinite(loss[e]) ? loss[e] : null)),
      aum: Number.isFinite(aum[e]) ? aum[e] : null,
      forgotten: numForgotten[e],
      firstLearned: firstLearned[e] === NONE ? null : firstLearned[e],
    };
  }
}

/** More than there are steps, or codes. */
const CELL = 64;

function cellOf(cell: number, number: number): Scatter['cells'][number] {
  return [Math.floor(cell / CELL / CELL), Math.floor(cell / CELL) % CELL, cell % CELL, number];
}

function count(cells: Map<number, number>, cell: number): void {
  cells.set(cell, (cells.get(cell) ?? 0) + 1);
}

/** Does an example pass by change, class, and part of the scatter? */
function filterOf({ changes, label, area }: CheckpointQuery, { codes, stepA, stepB }: Pair, looks: Looks) {
  const wanted = new Set(changes.map((id) => CHANGE_IDS.indexOf(id)));
  const isWithin = (step: number, range: { readonly first: number; readonly last: number }) =>
    step >= range.first && step <= range.last;
  return (e: number): readonly [ofChange: boolean, ofClass: boolean, ofArea: boolean] => [
    wanted.size === 0 || wanted.has(codes[e]),
    label === null || looks.label[e] === label,
    area === null || (isWithin(stepA[e], area.a) && isWithin(stepB[e], area.b)),
  ];
}

/** Step of the scatter: logarithmic, so that small losses are told apart; SCATTER_BINS without a loss. */
export function stepOf(loss: number, most: number): number {
  if (Number.isNaN(loss)) return SCATTER_BINS;
  const place = most === 0 ? 0 : (SCATTER_BINS * Math.log1p(loss)) / Math.log1p(most);
  return Math.min(Math.max(Math.floor(place), 0), SCATTER_BINS - 1);
}

function greatest(losses: Float64Array): number {
  let most = 0;
  for (const loss of losses) if (loss > most && loss < Infinity) most = loss;
  return most;
}

/** Largest key first, equal ones in the order of the run. */
function inOrder(shown: readonly number[], pair: Pair, key: SortKey): Int32Array {
  const keys = new Float64Array(pair.codes.length);
  for (const e of shown) {
    const value = key(pair, e);
    keys[e] = Number.isNaN(value) ? -Number.MAX_VALUE : Math.min(value, Number.MAX_VALUE);
  }
  return rankRows(keys, Int32Array.from(shown));
}
