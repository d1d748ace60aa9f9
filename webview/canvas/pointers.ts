/** Mouse, pen and touch on the stage: hover, click, drag, wheel, pinch. */
import { NONE } from '../../src/core/tables.js';
import type { SideId } from '../state/model.js';

/** Travel up to which a press is a click, CSS px. */
const CLICK_SLACK = 4;
/** Natural logarithm of the zoom for one CSS px of wheel; trackpads pinch in much smaller steps. */
const [WHEEL_RATE, PINCH_RATE] = [0.0015, 0.01];
/** CSS px of one wheel "line" (`deltaMode` 1). */
const LINE_HEIGHT = 16;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What pointers on a stage do; places and ways in CSS px. */
export interface StageActions {
  clickStage(x: number, y: number, side: SideId): void;
  /** @param row NONE: nothing. */
  hover(row: number): void;
  pan(dx: number, dy: number): void;
  rowUnder(x: number, y: number, side: SideId): number;
  zoom(factor: number, x: number, y: number): void;
}

/** Listens on the stage; returns how to stop. */
export function followPointers(stage: HTMLElement, side: SideId, actions: StageActions): () => void {
  const presses = new Map<number, Point>();
  const controller = new AbortController();
  const { signal } = controller;
  let travelled = 0;

  const pointOf = (event: MouseEvent): Point => {
    const bounds = stage.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 && event.button !== 1) return;
    // What lies on the picture is clicked as anywhere else.
    if (event.target instanceof Element && event.target.closest('button') !== null) return;
    stage.setPointerCapture(event.pointerId);
    if (presses.size === 0) travelled = 0;
    presses.set(event.pointerId, pointOf(event));
  };
  const move = (event: PointerEvent) => {
    const at = pointOf(event);
    const from = presses.get(event.pointerId);
    if (from === undefined) {
      if (event.pointerType !== 'touch') actions.hover(actions.rowUnder(at.x, at.y, side));
      return;
    }
    travelled += Math.hypot(at.x - from.x, at.y - from.y);
    if (presses.size > 1) pinch(presses, event.pointerId, at, actions);
    else if (travelled > CLICK_SLACK) actions.pan(at.x - from.x, at.y - from.y);
    presses.set(event.pointerId, at);
    stage.classList.toggle('dragging', travelled > CLICK_SLACK);
  };
  const up = (event: PointerEvent) => {
    const alone = presses.size === 1;
    if (!presses.delete(event.pointerId)) return;
    stage.classList.remove('dragging');
    const at = pointOf(event);
    if (alone && travelled <= CLICK_SLACK && event.type === 'pointerup' && event.button === 0)
      actions.clickStage(at.x, at.y, side);
  };

  stage.addEventListener('pointerdown', down, { signal });
  stage.addEventListener('pointermove', move, { signal });
  stage.addEventListener('pointerup', up, { signal });
  stage.addEventListener('pointercancel', up, { signal });
  stage.addEventListener('pointerleave', () => actions.hover(NONE), { signal });
  stage.addEventListener('wheel', (event) => turnWheel(event, pointOf(event), actions), { signal, passive: false });
  return () => controller.abort();
}

function turnWheel(event: WheelEvent, at: Point, actions: StageActions): void {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1);
  // Browsers report a trackpad's pinch as a wheel with Control.
  actions.zoom(Math.exp(-pixels * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE)), at.x, at.y);
}

/** One of two fingers moved: zooms by their distance, moves by their middle. */
function pinch(presses: ReadonlyMap<number, Point>, movedId: number, at: Point, actions: StageActions): void {
  const other = [...presses].find(([id]) => id !== movedId)?.[1];
  const from = presses.get(movedId);
  if (other === undefined || from === undefined) return;
  const before = Math.hypot(from.x - other.x, from.y - other.y);
  const now = Math.hypot(at.x - other.x, at.y - other.y);
  actions.pan((at.x - from.x) / 2, (at.y - from.y) / 2);
  if (before > 0 && now > 0) actions.zoom(now / before, (at.x + other.x) / 2, (at.y + other.y) / 2);
}
