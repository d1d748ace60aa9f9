/** Items in lines of a grid, in groups that begin a line of their own under a heading. */

/** A heading, or the places [first, first + count) side by side. */
export type GridLine =
  { readonly name: string; readonly count: number } | { readonly first: number; readonly count: number };

export interface GridGroup {
  /** '': no heading. */
  readonly name: string;
  readonly count: number;
}

/** No browser shows an element that is much longer: 25 million px. */
const MOST_LINES = 150_000;

interface Part extends GridGroup {
  /** Line and place that it begins with. */
  readonly line: number;
  readonly place: number;
  readonly numHeadings: 0 | 1;
}

export class GridLayout {
  readonly #parts: Part[] = [];
  readonly numLines: number;
  /** Places that are listed: the first ones, where there are more than a browser can show. */
  readonly length: number;

  /** @param columns places side by side, at least 1. */
  constructor(
    groups: readonly GridGroup[],
    readonly columns: number,
    most = MOST_LINES,
  ) {
    let [line, place] = [0, 0];
    for (const { name, count } of groups) {
      const numHeadings = name === '' ? 0 : 1;
      const room = Math.max(0, most - line - numHeadings) * columns;
      const listed = Math.min(count, room);
      if (listed === 0) continue;
      this.#parts.push({ name, count: listed, line, place, numHeadings });
      line += numHeadings + Math.ceil(listed / columns);
      place += listed;
    }
    this.numLines = line;
    this.length = place;
  }

  /** @param line [0, numLines). Cost: log of the groups. */
  lineAt(line: number): GridLine {
    const part = this.#partAt((each) => each.line <= line);
    if (part === undefined) return { first: 0, count: 0 };
    if (line === part.line && part.numHeadings === 1) return { name: part.name, count: part.count };
    const before = (line - part.line - part.numHeadings) * this.columns;
    return { first: part.place + before, count: Math.min(this.columns, part.count - before) };
  }

  /** The line of a place in [0, length). */
  lineOf(place: number): number {
    const part = this.#partAt((each) => each.place <= place);
    return part === undefined ? 0 : part.line + part.numHeadings + Math.floor((place - part.place) / this.columns);
  }

  /** The place so many lines of items further in the same column; at the ends, and in short lines, the nearest one. */
  step(place: number, numLines: number): number {
    const [column, direction] = [this.#columnOf(place), Math.sign(numLines)];
    let [at, found] = [this.lineOf(place), place];
    for (let left = Math.abs(numLines); left > 0;) {
      at += direction;
      if (at < 0 || at >= this.numLines) break;
      const line = this.lineAt(at);
      if (!('first' in line)) continue;
      found = line.first + Math.min(column, line.count - 1);
      left--;
    }
    return found;
  }

  #columnOf(place: number): number {
    const part = this.#partAt((each) => each.place <= place);
    return part === undefined ? 0 : (place - part.place) % this.columns;
  }

  /** The last part for which `begins`, which holds for the first parts and no others. */
  #partAt(begins: (part: Part) => boolean): Part | undefined {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (begins(this.#parts[middle])) low = middle + 1;
      else high = middle;
    }
    return this.#parts[low - 1];
  }
}
