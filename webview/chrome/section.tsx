import type { ComponentChildren } from 'preact';
import * as v from 'valibot';
import type { Term } from '../../src/core/facts/glossary.js';
import { useSize } from './split-size.js';
import { Splitter } from './splitter.js';
import { choice } from '../state/choice.js';
import { useChoice } from '../state/panel-context.js';
import { termOf } from '../words/term.js';

/** Names of folded sections. */
const FOLDED = choice({ name: 'folded', initial: [], schema: v.array(v.string()), ofWorkspace: true });

export interface SectionProps {
  readonly title: string;
  /** What the title is about. */
  readonly term?: Term;
  /** Beside the title, at the right. */
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly testId?: string;
  /** CSS px that it takes at first, and more where there is room. Without it, what its content takes. */
  readonly height?: number;
  readonly children: ComponentChildren;
}

/** Least height of a section that can be resized, its title included, CSS px. */
const LEAST = 80;

/** A part of the side bar under a title that folds it. */
export function Section({ title, term, aside, class: className = '', testId, height, children }: SectionProps) {
  const all = useChoice(FOLDED);
  // Titles may carry counts, which change.
  const name = testId ?? title;
  const folded = all.value.includes(name);
  const { css } = useSize(name);
  const resizable = height !== undefined && !folded;
  const toggle = () => (all.value = folded ? all.value.filter((other) => other !== name) : [...all.value, name]);
  return (
    <>
      <section
        class={`section ${className}`}
        data-testid={testId}
        data-folded={folded}
        style={resizable ? heightStyle(height, css) : {}}
        data-resizable={resizable}
      >
        <h2 class="section-head">
          <button
            type="button"
            class="section-title"
            aria-expanded={!folded}
            onClick={toggle}
            {...(term && termOf(term))}
          >
            <span class="icon icon-chevron-right section-twistie" aria-hidden="true" />
            {title}
          </button>
          {!folded && <span class="section-aside">{aside}</span>}
        </h2>
        {!folded && <div class="section-body">{children}</div>}
      </section>
      {resizable && <Splitter id={name} label={title} axis="y" least={LEAST} />}
    </>
  );
}

/** The height that was chosen; else the first height, and its share of the room that is left over. */
function heightStyle(first: number, chosen: string | undefined) {
  return chosen === undefined ? { flex: `${first} 0 ${first}px` } : { flex: 'none', height: chosen };
}
