/** What the training panel knows. */
import { signal, type Signal } from '@preact/signals';
import type {
  ChosenBatch,
  FateRows,
  ToTraining,
  TrainingComparison,
  TrainingFacts,
  TrainingPoint,
  TrainingProgress,
} from '../../src/protocol/train-messages.js';

export interface ChosenPicture {
  readonly batch: ChosenBatch;
  readonly uris: readonly (string | null)[];
}

export interface FatePicture {
  readonly rows: FateRows;
  readonly width: number;
  readonly height: number;
  readonly uri: string | null;
}

export interface TrainModel {
  readonly facts: Signal<TrainingFacts | null>;
  readonly progress: Signal<TrainingProgress | null>;
  readonly points: Signal<readonly TrainingPoint[]>;
  readonly chosen: Signal<ChosenPicture | null>;
  readonly comparison: Signal<TrainingComparison | null>;
  readonly fates: Signal<FatePicture | null>;
  /** Image of the comparison that the person looks at; null before the first. */
  readonly fateImage: Signal<number | null>;
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
    notice: signal(''),
  };
}

/** Takes a message of the host. */
export function receiveTraining(model: TrainModel, message: ToTraining): void {
  switch (message.kind) {
    case 'training':
      model.facts.value = message.facts;
      model.points.value = message.points;
      return;
    case 'points':
      model.points.value = [...model.points.value, ...message.points];
      return;
    case 'progress':
      model.progress.value = message.progress;
      return;
    case 'chosen':
      model.chosen.value = { batch: message.batch, uris: message.uris };
      return;
    case 'comparison':
      if (message.comparison?.state !== 'done') [model.fates.value, model.fateImage.value] = [null, null];
      model.comparison.value = message.comparison;
      return;
    case 'fates':
      // The person may have gone on to another image meanwhile.
      if (message.rows.imageIndex === model.fateImage.value) model.fates.value = message;
      return;
    case 'notice':
      model.notice.value = message.text;
      return;
  }
}
