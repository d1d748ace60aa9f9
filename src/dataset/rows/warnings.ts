/** Survivable flaws of one reading, capped so that a million bad boxes do not become a million lines. */
import { MiningError } from '../../core/mining-error.js';
import type { Phrase } from '../../core/said.js';

/** Lines kept of each kind; the rest is counted. */
export const MAX_LINES_PER_KIND = 20;

/** Gathers warnings of one data set. Each kind keeps its first lines, so that a noisy kind hides no other. */
export class Warnings {
  private readonly kinds = new Map<string, { readonly lines: string[]; count: number }>();
  private readonly tallies = new Map<string, number>();

  /** `kind` names the flaw in the plural (`degenerate boxes`); the rest is as in `MiningError`. */
  add(kind: string, where: Phrase, expected: Phrase, received: Phrase, file?: string): void {
    const entry = this.kinds.get(kind) ?? { lines: [], count: 0 };
    this.kinds.set(kind, entry);
    entry.count++;
    if (entry.lines.length >= MAX_LINES_PER_KIND) return;
    entry.lines.push(new MiningError('dataset', where, expected, received, file === undefined ? {} : { file }).message);
  }

  /** Keeps a flaw that cost one file of many: its line as it would have been thrown. */
  addError(kind: string, error: MiningError): void {
    this.add(kind, error.where, error.expected, error.received, error.hint.file);
  }

  /** Counts what is no flaw but should be known: `what` goes on after the number (`outlines became their boxes`). */
  tally(what: string): void {
    this.tallies.set(what, (this.tallies.get(what) ?? 0) + 1);
  }

  /** A phrase for each thing that was counted. */
  notes(): string[] {
    return [...this.tallies].map(([what, count]) => `${count} ${what}`);
  }

  /** Number of flaws, also those beyond the cap. */
  get count(): number {
    return [...this.kinds.values()].reduce((sum, entry) => sum + entry.count, 0);
  }

  /** One line each, in the order in which the kinds appeared; empty: none. */
  lines(): string[] {
    return [...this.kinds].flatMap(([kind, { lines, count }]) =>
      count > lines.length ? [...lines, `dataset: ${count - lines.length} more ${kind}`] : lines,
    );
  }
}
