import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { TrainingAction, TrainingHost } from '../../src/protocol/train-messages.js';
import type { TrainModel } from './train-model.js';

/** What every part of the training panel may use. */
export interface TrainRoom {
  readonly model: TrainModel;
  readonly host: Endpoint<TrainingHost>;
  act(action: TrainingAction): void;
  /** Looks at an image of the comparison. */
  showFates(imageIndex: number): void;
  /** Looks at an image of the gains. */
  showGain(id: string): void;
}

export const TrainContext = createContext<TrainRoom | null>(null);

/** @throws Error outside a training panel. */
export function useTraining(): TrainRoom {
  const room = useContext(TrainContext);
  if (room === null) throw new Error('no training around this component');
  return room;
}
