import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Actions } from './actions.js';
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
