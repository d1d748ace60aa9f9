/** The trainings that this window knows, one a folder. */
import * as vscode from 'vscode';
import type { EngineService } from '../engine/engine-service.js';
import type { Log } from '../base/log.js';
import { canonicalPath } from '../run/run.js';
import { Training } from './training.js';

const KEY = 'trainings';
/** Folders that are remembered; the one longest unseen goes first. */
const MAX_KNOWN = 30;

export class Trainings implements vscode.Disposable {
  readonly #open = new Map<string, Promise<Training>>();
  readonly #all = new Set<Training>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** A training began, moved or ended. */
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly engine: EngineService,
    private readonly state: vscode.Memento,
    private readonly log: Log,
  ) {}

  /** The training of a folder, read once. @throws MiningError 'options' */
  open(out: string): Promise<Training> {
    const key = canonicalPath(out);
    const known = this.#open.get(key);
    if (known) return known;
    const opening = Training.open(key, this.engine, this.log).then((training) => this.#adopt(training));
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  get running(): readonly Training[] {
    return [...this.#all].filter((training) => training.running);
  }

  /** Folders of this workspace's trainings, latest first; some may be gone. */
  get known(): readonly string[] {
    return this.state.get<readonly string[]>(KEY, []);
  }

  dispose(): void {
    for (const training of this.#all) training.dispose();
    this.#changed.dispose();
  }

  #adopt(training: Training): Training {
    this.#all.add(training);
    training.onDidChange(() => this.#changed.fire());
    void this.state.update(
      KEY,
      [training.out, ...this.known.filter((out) => out !== training.out)].slice(0, MAX_KNOWN),
    );
    return training;
  }
}
