/** The scatter in words. */
import { CHANGE_IDS, type Change } from '../../src/core/reports/checkpoint-changes.js';
import { SCATTER_BINS, type Scatter } from '../../src/protocol/checkpoint-messages.js';
import { countOf, formatCount, formatLoss } from '../rows/format.js';
import { t } from '../words/t.js';
import { CHANGE_LOOKS } from './change-looks.js';
import { areaOf, stepLosses, type Area, type Cell } from './scatter-layout.js';

/** `Loss at A against B: 3 broken, 7 fixed. …`. */
export function chartText({ cells }: Scatter): string {
  const counts = CHANGE_IDS.map((change, code) => {
    const count = cells.filter((cell) => cell[2] === code).reduce((sum, cell) => sum + cell[3], 0);
    return `${CHANGE_LOOKS[change].name}: ${formatCount(count)}`;
  });
  return t('Losses at A against losses at B. {0}. Arrows move, Shift chooses, Escape clears.', counts.join(', '));
}

/** What lies in a cell. */
export function cellText(cell: Cell, { cells, most }: Scatter): string {
  const here = cells.filter(([a, b]) => a === cell.a && b === cell.b);
  const named = here.map(([, , code, count]) => `${nameOf(CHANGE_IDS[code])} ${formatCount(count)}`).join(', ');
  return `${areaText(areaOf(cell, cell), most)} ${named === '' ? countOf(0, '{0} example', '{0} examples') : named}`;
}

function nameOf(change: Change | undefined): string {
  return change === undefined ? '' : CHANGE_LOOKS[change].name;
}

/** `A 0.12–0.50, B 2.10–3.00:`. */
export function areaText({ a, b }: Area, most: number): string {
  const range = ({ first, last }: Area['a']) => {
    if (first === SCATTER_BINS) return t('no RoI');
    const to = last === SCATTER_BINS ? t('no RoI') : formatLoss(stepLosses(last, most)[1]);
    return `${formatLoss(stepLosses(first, most)[0])}–${to}`;
  };
  return `A ${range(a)}, B ${range(b)}:`;
}
