import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { Actions } from './actions.js';
import type { Choice, Chosen } from './choice.js';
import type { PanelModel } from './model.js';

/** What every view needs: the model to read, the actions to call. */
export interface Panel {
  readonly model: PanelModel;
  readonly actions: Actions;
}

export const PanelContext = createContext<Panel | null>(null);

/** @throws Error outside the panel. */
export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (panel === null) throw new Error('a view of the panel stands outside of it');
  return panel;
}

/** A choice of this panel: to read, and to write when the person chooses. */
export function useChoice<T>(choice: Choice<T>): Chosen<T> {
  const { choices } = usePanel().model;
  return useMemo(() => choices.of(choice), [choices, choice]);
}
