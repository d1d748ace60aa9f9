import type { Decision } from '../../src/core/triage/decisions.js';
import { t, tListed } from '../words/t.js';

/** A small chip with the verdict on a cell or line; nothing without one. */
export function VerdictBadge({ decision }: { readonly decision: Decision | null | undefined }) {
  if (decision === null || decision === undefined) return null;
  const { verdict, note, by } = decision;
  return (
    <span class="verdict-badge" data-testid="verdict" data-verdict={verdict} title={t('{0}: {1}', by, note || verdict)}>
      {tListed(verdict)}
    </span>
  );
}
