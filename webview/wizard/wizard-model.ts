/** What the wizard knows. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Endpoint, Params } from '../../src/protocol/endpoint.js';
import type { InspectedImage, InspectionState, WizardHost, WizardState } from '../../src/protocol/inspect-messages.js';
import { messageOf } from '../words/message-of.js';
import { t, tListed, tSaid } from '../words/t.js';

export interface WizardModel {
  readonly wizard: Signal<WizardState | null>;
  /** Index of the image that is looked at. */
  readonly image: Signal<number>;
  /** The host is at work on what was asked. */
  readonly busy: Signal<boolean>;
  readonly notice: Signal<string>;
  /** One line for those who do not see the picture. */
  readonly spoken: ReadonlySignal<string>;
}

export function createWizardModel(image: number): WizardModel {
  const wizard = signal<WizardState | null>(null);
  const busy = signal(false);
  return {
    wizard,
    image: signal(image),
    busy,
    notice: signal(''),
    spoken: computed(() => {
      if (busy.value) return t('Measuring');
      const inspection = wizard.value?.inspection;
      return inspection === undefined ? '' : spokenReading(inspection);
    }),
  };
}

/** `Read as it is: mean IoU .52. sure: boxes meet …`. */
export function spokenReading({ readings, chosen, evidence }: InspectionState): string {
  const reading = readings[chosen];
  return reading === undefined ? '' : t('Reading: {0}. {1}', tListed(reading.name), tSaid(evidence));
}

/** Asks the host; the page waits, and says what failed. */
export async function ask<M extends keyof WizardHost>(
  model: WizardModel,
  host: Pick<Endpoint<WizardHost>, 'call'>,
  method: M,
  params: Params<WizardHost, M>,
): Promise<void> {
  if (model.busy.value) return;
  [model.busy.value, model.notice.value] = [true, ''];
  try {
    await host.call(method, params);
  } catch (error) {
    model.notice.value = messageOf(error);
  } finally {
    model.busy.value = false;
  }
}

/** The image that is looked at: saved places of other data sets do no harm. */
export function imageInSight({ images }: InspectionState, index: number): number {
  return Math.min(Math.max(index, 0), images.length - 1);
}

/** Name of a file. */
export function fileName({ path }: Pick<InspectedImage, 'path'>): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
