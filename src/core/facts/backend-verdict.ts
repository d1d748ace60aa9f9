import type { Phrase } from '../said.js';

/** What became of a backend's start on this machine; `runs` false has a `reason`. */
export interface BackendVerdict {
  readonly id: string;
  readonly title: string;
  readonly formats: readonly string[];
  readonly runs: boolean;
  readonly version: string;
  readonly device: string;
  /** Why it does not run; '' when it does. */
  readonly reason: Phrase;
  /** It does not run for want of a device: a run does not mention it. */
  readonly noDevice?: boolean;
  /** Forwards a second of a small network on this machine; 0 not measured. */
  readonly speed: number;
}
