import type { MineProgress, MineState } from '../../protocol/panel-messages.js';

/** The speed is that of the last images: a person wants to know how it goes now. */
const WINDOW = 40;
/** Before so many images a remaining time would be a guess. */
const FEWEST = 3;

/** Counts images and tells how it goes. */
export class ProgressMeter {
  readonly #times: number[];
  #numDone: number;
  #numFailed = 0;

  /** @param numTotal 0: not known beforehand. @param numDone images that the file has already. */
  constructor(
    private readonly numTotal: number,
    numDone: number,
    private readonly backend: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#numDone = numDone;
    this.#times = [now()];
  }

  /** One more image is in the file. @param at when it came: several are written at once. */
  count(failed: boolean, at = this.now()): void {
    this.#numDone++;
    if (failed) this.#numFailed++;
    this.#times.push(at);
    if (this.#times.length > WINDOW) this.#times.shift();
  }

  progress(state: MineState, message = ''): MineProgress {
    const imagesPerSecond = this.#speed();
    const left = Math.max(0, this.numTotal - this.#numDone);
    const isKnown = this.numTotal > 0 && this.#times.length > FEWEST && imagesPerSecond > 0;
    return {
      state,
      numDone: this.#numDone,
      numTotal: this.numTotal,
      numFailed: this.#numFailed,
      imagesPerSecond,
      etaSeconds: isKnown ? left / imagesPerSecond : null,
      backend: this.backend,
      message,
    };
  }

  /** Images a second over the window; 0 before the first. */
  #speed(): number {
    const [first = 0] = this.#times;
    const seconds = ((this.#times.at(-1) ?? first) - first) / 1000;
    return seconds > 0 ? (this.#times.length - 1) / seconds : 0;
  }
}
