/**
 * What can be set up for backends: one option of `ohem engines setup`. The recipe of a backend lies in the backend's
 * own room, and the backend names it; help, survey, consent, removal and the tables of docs/engines.md follow.
 */
import type { Phrase } from '../../core/said.js';
import type { SetupChoiceFacts } from '../../protocol/setup-messages.js';
import type { Machine } from './machine.js';
import type { Tell } from './setup-steps.js';

/** Something that can be set up on this machine, or why it cannot be; as JSON it is what a survey tells. */
export interface SetupOffer extends SetupChoiceFacts {
  /** @throws MiningError 'engine' naming the step and what to do; what was done stays done. */
  carryOut(tell: Tell, signal: AbortSignal): Promise<void>;
}

/** Where a set-up looks for what it can offer. */
export interface Look {
  readonly machine: Machine;
  /** The person's folder. */
  readonly workFolder: string;
  /** What the person gave with the option; null: nothing. */
  readonly named: string | null;
}

export interface Setup {
  readonly id: string;
  /** As commander writes it: `--webgpu`, `--tensorflow <path>`; the word is the id. */
  readonly option: string;
  /** Of the option, for `--help` and docs/engines.md. */
  readonly help: string;
  /** MB. */
  readonly size: Pick<SetupOffer, 'downloadMb' | 'diskMb'>;
  /** Absolute folder of all that it ever writes; `ohem engines remove` takes it away. */
  folder(): string;
  /** Best first. */
  offers(look: Look): Promise<readonly SetupOffer[]>;
}

/** What a person must say, too, before a file is fetched whose hash nobody publishes. */
export const ALLOW_UNPINNED = '--allow-unpinned';

interface DownloadSetup {
  readonly id: string;
  readonly title: Phrase;
  readonly detail: Phrase;
  readonly more: Phrase;
  readonly help: string;
  readonly size: Setup['size'];
  folder(): string;
  whyNot(machine: Machine): Phrase;
  readonly isPinned?: boolean;
  readonly carryOut: SetupOffer['carryOut'];
}

/** A set-up that is one download: an option without a value, and ALLOW_UNPINNED where its hash is not known. */
export function downloadSetup({
  id,
  title,
  detail,
  more,
  whyNot,
  carryOut,
  isPinned = true,
  ...rest
}: DownloadSetup): Setup {
  const args = isPinned ? [`--${id}`] : [`--${id}`, ALLOW_UNPINNED];
  return {
    ...rest,
    id,
    option: `--${id}`,
    offers: async ({ machine }) => [
      { id, title, detail, more, args, ...rest.size, isHere: false, why: whyNot(machine), carryOut },
    ],
  };
}
