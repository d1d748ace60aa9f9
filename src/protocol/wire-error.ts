/** Errors as they travel: JSON and structured clone both lose an error's class and its fields. */
import { MiningError } from '../core/mining-error.js';
import type { Phrase } from '../core/said.js';
import type { MiningErrorCode, MiningErrorHint } from '../core/mining-error.js';

/** An error as plain data; `toWire` makes it, `fromWire` takes it apart again. */
export type WireError =
  | {
      readonly code: MiningErrorCode;
      readonly where: Phrase;
      readonly expected: Phrase;
      readonly received: Phrase;
      readonly hint: MiningErrorHint;
    }
  | { readonly code: 'internal'; readonly message: string; readonly stack: string };

/** A fault of ours on the other side: anything that was thrown and is no `MiningError`. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code = 'internal';

  /** @param stack of the other side, where the fault is. */
  constructor(
    message: string,
    override readonly stack: string,
  ) {
    super(message);
  }
}

/** Whatever was thrown, as plain data. */
export function toWire(error: unknown): WireError {
  if (error instanceof MiningError) {
    const { code, where, expected, received, hint } = error;
    return { code, where, expected, received, hint };
  }
  if (!(error instanceof Error)) return { code: 'internal', message: String(error), stack: String(error) };
  return { code: 'internal', message: error.message, stack: error.stack ?? error.message };
}

/** The error again: a `MiningError` with all its fields, else a `RemoteError`. */
export function fromWire(sent: WireError): MiningError | RemoteError {
  return sent.code === 'internal'
    ? new RemoteError(sent.message, sent.stack)
    : new MiningError(sent.code, sent.where, sent.expected, sent.received, sent.hint);
}
