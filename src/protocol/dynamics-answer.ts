/**
 * What `ohem dynamics --format json` prints: examples over the checkpoints of a training, in the order that was asked
 * for.
 */
export interface DynamicsAnswer {
  /** Paths of the run files, in the order of training. */
  readonly runs: readonly string[];
  /** Each run holds every image of its data set. */
  readonly complete: boolean;
  /** Images of each run, and those of its data set. */
  readonly num_images: readonly number[];
  readonly num_in_dataset: readonly number[];
  readonly examples: readonly DynamicsExample[];
}

export interface DynamicsExample {
  /** Id of the image. */
  readonly image: string;
  /** Which object of the image; null in classification. */
  readonly gt_index: number | null;
  readonly label: string;
  /** Area under the margin; null unknown (docs/measures.md). */
  readonly aum: number | null;
  /** Forgetting events. */
  readonly forgotten: number;
  /** Place of the run that learnt it first; null never. */
  readonly first_learned: number | null;
}
