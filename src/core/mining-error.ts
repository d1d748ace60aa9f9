import type { ClassLists } from './class-names.js';
import { asSaid, inWords, said, type Phrase, type Said, type Translate } from './said.js';

/** Where a failure belongs; the CLI and the editor print it first. */
export const MINING_ERROR_CODES = [
  'options',
  'dataset',
  'image',
  'checkpoint',
  'engine',
  'run-file',
  'dump',
  'mining',
] as const;
export type MiningErrorCode = (typeof MINING_ERROR_CODES)[number];

/** What a program acts on, where the code alone does not tell: no text is ever parsed for it. */
export type MiningErrorReason =
  /** TensorFlow's binding, which trains, is not there or does not load. */
  | 'no-tensorflow'
  /** A loss, a score or a box is NaN or infinite: the training has diverged. */
  | 'not-finite'
  /** A checkpoint of a kind that cannot be trained. */
  | 'not-trainable'
  /** What a checkpoint's outputs mean is told by nobody. */
  | 'unknown-outputs'
  /** The same call may go well later: a full disk, no memory left, another process at the same file. */
  | 'temporary';

/** What helps beside the error itself. */
export interface MiningErrorHint {
  readonly file?: string;
  /** Of `file`, a text: from 1. */
  readonly line?: number;
  /** What a person can do about it. */
  readonly todo?: Phrase;
  readonly reason?: MiningErrorReason;
  /** Classes of a data set and a checkpoint that a person has to map. */
  readonly classes?: ClassLists;
  /** Headers of a table of boxes of which a person has to say what each column holds. */
  readonly columns?: readonly string[];
}

/**
 * One clear line for a person: what, where, expected, received.
 * `dataset: annotations[17].bbox: expected 4 numbers, received 3 (instances_val.json)`
 *
 * `message` is English; `lineIn` says it in another language. What is no literal and has words in it is made by `said`.
 */
export class MiningError extends Error {
  override readonly name = 'MiningError';

  constructor(
    readonly code: MiningErrorCode,
    readonly where: Phrase,
    readonly expected: Phrase,
    readonly received: Phrase,
    readonly hint: MiningErrorHint = {},
  ) {
    super(oneLine(inWords(sentence(code, [where, expected, received], hint))));
  }

  /** The whole sentence, as a part of another one. */
  get said(): Said {
    return sentence(this.code, [this.where, this.expected, this.received], this.hint);
  }

  /** The line in the language of `translate`. */
  lineIn(translate: Translate): string {
    return oneLine(inWords(this.said, translate));
  }
}

/** What was thrown, as a part of another sentence; `MiningError`s in the reader's language, all else as it is. */
export function phraseOf(error: unknown): Phrase {
  if (error instanceof MiningError) return error.said;
  return error instanceof Error ? error.message : String(error);
}

function sentence(code: MiningErrorCode, parts: readonly Phrase[], { file, line, todo }: MiningErrorHint): Said {
  const [where, expected, received] = parts.map(asSaid);
  const fault = said`${asSaid(code)}: ${where}: expected ${expected}, received ${received}`;
  const placed = file === undefined ? fault : said`${fault} (${line === undefined ? file : `${file}:${line}`})`;
  return todo === undefined ? placed : said`${placed}. ${asSaid(todo)}`;
}

/** A value as it may stand in an error line: short, on one line, control characters made visible. */
export function show(value: unknown, maxLength = 80): string {
  const text = visible(typeof value === 'string' ? JSON.stringify(value) : safeString(value));
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

function safeString(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? 'an object';
  } catch {
    // Deeper than the stack, or a circle.
    return 'a deep object';
  }
}

/**
 * Control characters (C0, C1; not line feeds, tabs) and those that turn the direction of text, as `\u202e`: they move
 * a terminal's cursor, or let a line read as another.
 */
export function visible(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function oneLine(text: string): string {
  return visible(text.replace(/[\t-\r\u2028\u2029]+/g, ' '));
}
