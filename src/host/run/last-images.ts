import type { Memento } from 'vscode';

const KEY = 'lastImages';
/** Runs that are remembered; the one longest unseen goes first. */
const MAX_RUNS = 100;

/** The image at which each run was left, by path of the run; kept with the workspace. */
export class LastImages {
  constructor(private readonly state: Memento) {}

  get(runPath: string): number | null {
    return this.#all().find(([path]) => path === runPath)?.[1] ?? null;
  }

  set(runPath: string, imageIndex: number): void {
    const others = this.#all().filter(([path]) => path !== runPath);
    void this.state.update(KEY, [...others, [runPath, imageIndex]].slice(-MAX_RUNS));
  }

  #all(): readonly (readonly [string, number])[] {
    return this.state.get(KEY, []);
  }
}
