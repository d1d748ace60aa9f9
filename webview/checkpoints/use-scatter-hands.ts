/** Mouse and keys on the scatter. */
import { useSignal } from '@preact/signals';
import { SCATTER_BINS } from '../../src/protocol/checkpoint-messages.js';
import { useCheckpoints } from './checkpoint-room.js';
import { areaOf, cellAt, type Area, type Cell, type ScatterLayout } from './scatter-layout.js';
import { cellText } from './scatter-text.js';

const MOVES: Readonly<Record<string, Cell>> = {
  ArrowLeft: { a: -1, b: 0 },
  ArrowRight: { a: 1, b: 0 },
  ArrowUp: { a: 0, b: 1 },
  ArrowDown: { a: 0, b: -1 },
};

/** The cell that the keys are at, what is being drawn, and what listens for both. */
export function useScatterHands(layout: ScatterLayout) {
  const { model, actions } = useCheckpoints();
  const cursor = useSignal<Cell | null>(null);
  const anchor = useSignal<Cell>({ a: 0, b: 0 });
  const dragged = useSignal<Area | null>(null);
  const choose = (area: Area | null) => actions.ask({ area });
  const cellUnder = (event: PointerEvent) => cellAt(event.offsetX, event.offsetY, layout);
  const move = (to: Cell, extend: boolean) => {
    cursor.value = to;
    if (extend) choose(areaOf(anchor.value, to));
    else anchor.value = to;
    const answer = model.answer.value;
    if (answer !== null) model.spoken.value = cellText(to, answer.scatter);
  };
  const press = (event: KeyboardEvent) => {
    const at = cursor.value ?? anchor.value;
    const by = MOVES[event.key];
    if (by !== undefined) move({ a: bound(at.a + by.a), b: bound(at.b + by.b) }, event.shiftKey);
    else if (event.key === 'Escape') choose(null);
    else if (event.key === 'Enter' || event.key === ' ') choose(areaOf(at, at));
    else return;
    event.preventDefault();
  };
  const listeners = {
    onPointerDown(event: PointerEvent & { readonly currentTarget: Element }) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      anchor.value = cellUnder(event);
      dragged.value = areaOf(anchor.value, anchor.value);
    },
    onPointerMove(event: PointerEvent) {
      if (dragged.value !== null) dragged.value = areaOf(anchor.value, cellUnder(event));
    },
    onPointerUp() {
      if (dragged.value !== null) choose(dragged.value);
      dragged.value = null;
    },
    onPointerCancel: () => void (dragged.value = null),
    onKeyDown: press,
    onFocus: () => void (cursor.value ??= anchor.value),
    onBlur: () => void (cursor.value = null),
  };
  return { cursor: cursor.value, dragged: dragged.value, listeners };
}

function bound(step: number): number {
  return Math.min(Math.max(step, 0), SCATTER_BINS);
}
