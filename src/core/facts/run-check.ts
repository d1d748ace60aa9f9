/** What reading every byte of a run has found. */
export interface RunCheck {
  /** Images in the file, damaged ones too, and those of its data set. */
  readonly numImages: number;
  readonly numInDataset: number;
  /** The file has its end. */
  readonly complete: boolean;
  /** That end, with the index of the images, is damaged: they are found without it. */
  readonly isEndDamaged: boolean;
  /** It has checksums; without them only its form can be checked. */
  readonly sealed: boolean;
  /** In file order. */
  readonly damaged: readonly DamagedImage[];
}

export interface DamagedImage {
  readonly imageIndex: number;
  /** '' where the damage took it. */
  readonly id: string;
  readonly reason: string;
}

/** What a salvaged run has, and what had to be left out. */
export interface Salvaged {
  readonly numKept: number;
  readonly numLost: number;
}
