import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Params } from '../../src/protocol/endpoint.js';
import type { WizardHost } from '../../src/protocol/inspect-messages.js';
import type { WizardModel } from './wizard-model.js';

/** What every part of the wizard may use. */
export interface WizardRoom {
  readonly model: WizardModel;
  /** Asks the host; nothing while it is at work. */
  ask<M extends keyof WizardHost>(method: M, params: Params<WizardHost, M>): void;
}

export const WizardContext = createContext<WizardRoom | null>(null);

/** @throws Error outside a wizard. */
export function useWizard(): WizardRoom {
  const room = useContext(WizardContext);
  if (room === null) throw new Error('no wizard around this component');
  return room;
}
