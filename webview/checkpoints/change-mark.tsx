import type { Change } from '../../src/core/reports/checkpoint-changes.js';
import { CHANGE_LOOKS } from './change-looks.js';

/** The mark of a change, beside words that say the same. */
export function ChangeMark({ change }: { readonly change: Change }) {
  const { path, filled, colour } = CHANGE_LOOKS[change];
  return (
    <svg class="change-mark" viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
      <path d={path} data-filled={filled} style={{ '--mark': `var(${colour})` }} />
    </svg>
  );
}
