import type { ComponentChildren } from 'preact';
import * as v from 'valibot';
import { choice } from '../state/choice.js';
import { useChoice } from '../state/panel-context.js';

/** Names of folded sections. */
const FOLDED = choice({ name: 'folded', initial: [], schema: v.array(v.string()) });

export interface SectionProps {
  readonly title: string;
  /** Beside the title, at the right. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly testId?: string;
  readonly children: ComponentChildren;
}

/** A part of the side bar under a title that folds it. */
export function Section({ title, aside, class: className = '', testId, children }: SectionProps) {
  const all = useChoice(FOLDED);
  // Titles may carry counts, which change.
  const name = testId ?? title;
  const folded = all.value.includes(name);
  const toggle = () => (all.value = folded ? all.value.filter((other) => other !== name) : [...all.value, name]);
  return (
    <section class={`section ${className}`} data-testid={testId} data-folded={folded}>
      <h2 class="section-head">
        <button type="button" class="section-title" aria-expanded={!folded} onClick={toggle}>
          <span class="icon icon-chevron-right section-twistie" aria-hidden="true" />
          {title}
        </button>
        {!folded && <span class="section-aside">{aside}</span>}
      </h2>
      {!folded && <div class="section-body">{children}</div>}
    </section>
  );
}
