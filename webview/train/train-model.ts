/** What the training panel knows. */
import { signal, type Signal } from '@preact/signals';
import type { Endpoint, Served } from '../../src/protocol/endpoint.js';
import type {
  ChosenPicture,
  FatePicture,
  GainPicture,
  TrainingComparison,
  TrainingFacts,
  TrainingGains,
  TrainingHost,
  TrainingPoint,
  TrainingProgress,
  TrainingView,
} from '../../src/protocol/train-messages.js';

export interface TrainModel {
  readonly facts: Signal<TrainingFacts | null>;
  readonly progress: Signal<TrainingProgress | null>;
  readonly points: Signal<readonly TrainingPoint[]>;
  readonly chosen: Signal<ChosenPicture | null>;
  readonly comparison: Signal<TrainingComparison | null>;
  readonly fates: Signal<FatePicture | null>;
  /** Image of the comparison that the person looks at; null before the first. */
  readonly fateImage: Signal<number | null>;
  readonly gains: Signal<TrainingGains | null>;
  /** Id of the image of the gains that the person looks at; null none. */
  readonly gainImage: Signal<string | null>;
  readonly gain: Signal<GainPicture | null>;
  readonly notice: Signal<string>;
}

export function createTrainModel(): TrainModel {
  return {
    facts: signal<TrainingFacts | null>(null),
    progress: signal<TrainingProgress | null>(null),
    points: signal<readonly TrainingPoint[]>([]),
    chosen: signal<ChosenPicture | null>(null),
    comparison: signal<TrainingComparison | null>(null),
    fates: signal<FatePicture | null>(null),
    fateImage: signal<number | null>(null),
    gains: signal<TrainingGains | null>(null),
    gainImage: signal<string | null>(null),
    gain: signal<GainPicture | null>(null),
    notice: signal(''),
  };
}

/** What the host may tell the panel. */
export function trainingReceiver(model: TrainModel) {
  return {
    training({ facts, points }) {
      model.facts.value = facts;
      model.points.value = points;
    },
    points: ({ points }) => void (model.points.value = [...model.points.value, ...points]),
    progress: ({ progress }) => void (model.progress.value = progress),
    chosen: (chosen) => void (model.chosen.value = chosen),
    comparison({ comparison }) {
      if (comparison?.state !== 'done') [model.fates.value, model.fateImage.value] = [null, null];
      model.comparison.value = comparison;
    },
    gains({ gains }) {
      if (gains === null) [model.gainImage.value, model.gain.value] = [null, null];
      model.gains.value = gains;
    },
    notice: ({ text }) => void (model.notice.value = text),
  } satisfies Served<TrainingView>;
}

/**
 * Looks at an image of the comparison; its hard examples follow, unless the person has gone on to another meanwhile.
 */
export async function showFates(model: TrainModel, host: Endpoint<TrainingHost>, imageIndex: number): Promise<void> {
  model.fateImage.value = imageIndex;
  const fates = await host.call('readFates', { imageIndex });
  if (model.fateImage.value === imageIndex) model.fates.value = fates;
}

/** Looks at an image of the gains, as `showFates`. */
export async function showGain(model: TrainModel, host: Endpoint<TrainingHost>, id: string): Promise<void> {
  model.gainImage.value = id;
  const gain = await host.call('readGain', { id });
  if (model.gainImage.value === id) model.gain.value = gain;
}
