/** What a trainable head can pay for its classes, by the names of the losses in `class/`. */
export const TRAINED_LOSSES = ['cross-entropy', 'focal'] as const;
export type TrainedLoss = (typeof TRAINED_LOSSES)[number];
