import { batch } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { CheckpointHost, CheckpointQuery } from '../../src/protocol/checkpoint-messages.js';
import { fitViewport, panBy, zoomAt } from '../geometry/viewport.js';
import { readRuns } from './ask-host.js';
import { rowAt, type CheckpointModel } from './checkpoint-model.js';

export type CheckpointActions = ReturnType<typeof checkpointActions>;

/** What a person can do. */
export function checkpointActions(model: CheckpointModel, host: Endpoint<CheckpointHost>) {
  const goTo = (place: number) => {
    const at = Math.min(Math.max(place, 0), Math.max((model.answer.peek()?.numShown ?? 0) - 1, 0));
    const row = rowAt(model, at);
    batch(() => {
      model.at.value = at;
      model.zoomed.value = null;
      // One that has not come yet is chosen as soon as it is there.
      model.chosen.value = row === undefined ? null : { image: row.image, gt: row.gt };
    });
  };
  const zoom = (factor: number, x: number, y: number) => {
    model.zoomed.value = zoomAt(model.viewport.value, factor, x, y, model.imageSize.value, model.stageSize.value);
  };
  return {
    /** Another question is another list, from its beginning. */
    ask(change: Partial<CheckpointQuery>) {
      batch(() => {
        model.query.value = { ...model.query.value, ...change };
        model.pages.value = new Map();
        model.at.value = 0;
        model.chosen.value = null;
      });
    },
    goTo,
    step: (delta: number) => goTo(model.at.value + delta),
    read: (again: boolean) => void readRuns(model, host, again),
    /** @param side 0: A, 1: B. */
    openImage(side: 0 | 1) {
      const [shown, runs] = [model.sides.value?.[side], model.runs.value];
      const path = shown && runs?.paths[shown.run];
      if (path !== undefined) host.tell('openImage', { path, imageIndex: shown?.imageIndex ?? 0 });
    },
    zoom,
    zoomMiddle(factor: number) {
      const { width, height } = model.stageSize.value;
      zoom(factor, width / 2, height / 2);
    },
    pan(dx: number, dy: number) {
      model.zoomed.value = panBy(model.viewport.value, dx, dy, model.imageSize.value, model.stageSize.value);
    },
    fit: () => (model.zoomed.value = fitViewport(model.imageSize.value, model.stageSize.value)),
    zoomToObject: () => (model.zoomed.value = null),
  };
}

export interface CheckpointRoom {
  readonly model: CheckpointModel;
  readonly actions: CheckpointActions;
}

export const CheckpointContext = createContext<CheckpointRoom | null>(null);

/** @throws Error outside of the page. */
export function useCheckpoints(): CheckpointRoom {
  const room = useContext(CheckpointContext);
  if (room === null) throw new Error('no comparison around this component');
  return room;
}
