/** While boxes move, the hardest alone are lines, as without "Draw all": all of thousands take several frames. */
import { effect } from '@preact/signals';
import type { PanelModel } from '../state/model.js';

/** Without a change for so long, the boxes stand still, ms. */
export const SETTLE_MS = 120;

type Moving = Pick<PanelModel, 'still' | 'drawAll' | 'viewport' | 'stageSize' | 'shown' | 'other'>;

/** Tells `still` from what moves or changes the boxes; returns how to stop. */
export function followStillness(model: Moving): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    // Read, so that a change of any comes here.
    for (const mover of [model.viewport, model.stageSize, model.shown, model.other.shown]) void mover.value;
    clearTimeout(timer);
    model.still.value = !model.drawAll.value;
    if (model.drawAll.value) timer = setTimeout(() => (model.still.value = true), SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
