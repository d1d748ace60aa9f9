/** What the engine process finds below the workspace's folders: enough for a menu. */
import type { Phrase } from '../core/said.js';
import type { Task } from '../core/tables.js';

export interface FoundInput {
  /** Absolute path, as the engine process takes it. */
  readonly path: string;
  /** What it is, in a few words: the title of its format. */
  readonly what: Phrase;
  /** null: only loading it would tell. */
  readonly task: Task | null;
  /** The name that its author gave, else one that tells it from others of its kind. */
  readonly title: string;
}

export interface FoundInputs {
  readonly checkpoints: readonly FoundInput[];
  /** Files and folders of detections. */
  readonly predictions: readonly FoundInput[];
  readonly datasets: readonly FoundInput[];
  readonly dumps: readonly FoundInput[];
  /** `*.ohem` files. */
  readonly runs: readonly string[];
  /** A bound was met: there may be more. */
  readonly truncated: boolean;
}

/** Which of a dump's first images are there. */
export interface DumpImages {
  /** As the dump calls it; '' where it has none. */
  readonly first: string;
  readonly numLooked: number;
  readonly numFound: number;
  /** Absolute path of the first that is there; '' none is. */
  readonly foundAt: string;
}
