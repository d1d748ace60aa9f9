/** What an image's table leaves out where only its hardest RoIs are kept (docs/adr/0025). */
export interface RoiRest {
  /** Background RoIs with a class loss, ignored and invalid RoIs that are no rows; foreground always is. */
  readonly numBackground: number;
  readonly numIgnored: number;
  readonly numInvalid: number;
  /** `roiIndex` of the first that mining could rank; NONE where all are invalid. */
  readonly firstIndex: number;
  /** No such RoI has a greater class loss (an ignored one counts 0), box loss as given, or score. NaN: none has one. */
  readonly maxLossCls: number;
  readonly maxLossLoc: number;
  readonly maxScore: number;
  /** Σ class loss of the background among them, nats. */
  readonly sumLossCls: number;
  /** NUM_BINS: background among them by class loss, see `binOf`. */
  readonly histogram: Int32Array;
}

/** By image (`imageIndex`) of a table. An image without one has all of its RoIs as rows. */
export type RoiRests = ReadonlyMap<number, RoiRest>;

export const NUM_BINS = 16;

/** Losses below 2^-14 nats are in bin 0, below 2^-13 in bin 1, …, from 1 nat on in the last. */
export function binOf(loss: number): number {
  return Math.max(0, Math.min(NUM_BINS - 1, Math.floor(Math.log2(Math.max(loss, 2 ** -15))) + NUM_BINS - 1));
}

/** RoIs that are no rows. */
export function numUnkept({ numBackground, numIgnored, numInvalid }: RoiRest): number {
  return numBackground + numIgnored + numInvalid;
}
