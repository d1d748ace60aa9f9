/**
 * What `ohem engines setup --json` and `ohem engines remove --json` print, one JSON object a line, and where a set-up
 * puts what the host starts itself.
 */
import type { Phrase } from '../core/said.js';
import type { WireError } from './wire-error.js';

/** First line, and the only one with `--list`. */
export interface SetupSurveyLine {
  readonly event: 'survey';
  /** Versions and names; '' where there is none. */
  readonly machine: {
    readonly platform: string;
    readonly node: string;
    readonly gpu: string;
    readonly cuda: string;
    readonly npm: string;
    readonly compiler: string;
  };
  /** The TensorFlow that the binding is linked to; null: it is not set up. */
  readonly linked: { readonly folder: string; readonly version: string; readonly cuda: string | null } | null;
  readonly dataFolder: string;
  /** Best first. */
  readonly choices: readonly SetupChoiceFacts[];
}

export interface SetupChoiceFacts {
  /** Of the set-up that offers it. */
  readonly id: string;
  readonly title: Phrase;
  /** What it is for and what it wants, in a sentence that fits a line of a list. */
  readonly detail: Phrase;
  /** What else to know before one agrees; ''. */
  readonly more: Phrase;
  /** Arguments of `ohem engines setup`; none: there is nothing to carry out, `detail` says what to do. */
  readonly args: readonly string[];
  readonly downloadMb: number;
  readonly diskMb: number;
  /** It takes what is on this machine already; else it is a download, or nothing. */
  readonly isHere: boolean;
  /** Why it cannot be had here; '' it can. */
  readonly why: Phrase;
}

/** What a set-up tells while it is carried out. */
export type SetupEvent =
  /** `kept`: done by an earlier call. `of` is what it is about. */
  | {
      readonly event: 'step';
      readonly name: string;
      readonly index: number;
      readonly numSteps: number;
      readonly state: 'begun' | 'done' | 'kept';
      readonly of: string;
    }
  /** Of a download; total 0 unknown. */
  | { readonly event: 'bytes'; readonly received: number; readonly total: number }
  /** A line that a program wrote. */
  | { readonly event: 'output'; readonly text: string };

export type SetupLine =
  | SetupSurveyLine
  | SetupEvent
  /** Whether a backend runs now. */
  | { readonly event: 'verdict'; readonly id: string; readonly runs: boolean; readonly text: Phrase }
  /** Last line of one that failed; the error is on standard error, too, in English. */
  | { readonly event: 'failed'; readonly error: WireError }
  | RemovedLine;

/** A set-up's folder was taken away, or there was none. */
export interface RemovedLine {
  readonly event: 'removed';
  readonly folder: string;
  readonly wasThere: boolean;
}

/** Segments of the fetched Node.js below the data folder. */
export function nodeProgram(platform: string): readonly string[] {
  return ['node', platform === 'win32' ? 'node.exe' : 'node'];
}
