/** The runs that this window knows: found in the workspace, opened, or mined here. */
import * as vscode from 'vscode';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import { findInputs } from '../inputs/find-inputs.js';
import { Run, canonicalPath, changedAt } from './run.js';
import { Scope } from '../base/scope.js';

type Opened = Extract<WorkerEvent, { event: 'opened' }>;

/** A changed file is read again after this rest, ms: writers append in bursts. */
const RELOAD_REST_MS = 500;

export class Runs implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<Run | undefined>());
  /** A run changed; undefined: the list did. */
  readonly onDidChange = this.#changed.event;
  /** Path -> time by which the list is ordered, ms. */
  readonly #known = new Map<string, number>();
  readonly #open = new Map<string, Promise<Run>>();
  readonly #reloads = new Map<string, NodeJS.Timeout>();
  #searched: Promise<void> | undefined;

  /** @param storedRuns folder of the runs that were mined without a workspace. */
  constructor(
    private readonly engine: EngineService,
    private readonly storedRuns: string,
  ) {
    const watcher = this.#scope.add(vscode.workspace.createFileSystemWatcher('**/*.ohem'));
    this.#scope.add(watcher.onDidCreate((uri) => void this.#note(uri.fsPath)));
    this.#scope.add(watcher.onDidChange((uri) => this.#reloadSoon(uri.fsPath)));
    this.#scope.add(watcher.onDidDelete((uri) => this.forget(uri.fsPath)));
    this.#scope.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()));
    this.#scope.onDispose(() => this.#reloads.forEach((timer) => clearTimeout(timer)));
  }

  /** Paths, latest first; searches the workspace the first time. */
  async paths(): Promise<readonly string[]> {
    // Where the engine process cannot start, whoever needs it says why, and the next look searches again.
    this.#searched ??= this.#search().catch(() => void (this.#searched = undefined));
    await this.#searched;
    return [...this.#known.keys()].sort(
      (a, b) => (this.#known.get(b) ?? 0) - (this.#known.get(a) ?? 0) || a.localeCompare(b),
    );
  }

  /** Searches again and drops what is gone. */
  refresh(): void {
    this.#searched = undefined;
    this.#changed.fire(undefined);
  }

  /** The run of a file, read once. @throws MiningError 'run-file' */
  open(path: string): Promise<Run> {
    const key = canonicalPath(path);
    const known = this.#open.get(key);
    if (known) return known;
    const opening = Run.open(key).then((run) => this.#adopt(run));
    this.#open.set(key, opening);
    opening.catch(() => this.#open.delete(key));
    return opening;
  }

  /** The run of a file if it has been read; undefined where it has not or cannot be. */
  async peek(path: string): Promise<Run | undefined> {
    return this.#open.get(canonicalPath(path))?.catch(() => undefined);
  }

  /** The run that a mining job writes. */
  async begin(event: Opened, resumed: boolean): Promise<Run> {
    const key = canonicalPath(event.outPath);
    const known = await this.#open.get(key)?.catch(() => undefined);
    if (known) {
      await known.restart(event, resumed);
      return known;
    }
    const beginning = Run.begin({ ...event, outPath: key }).then(async (run) => {
      if (resumed) await run.reload();
      return this.#adopt(run);
    });
    this.#open.set(key, beginning);
    return beginning;
  }

  /** The file is gone. */
  forget(path: string): void {
    this.#drop(canonicalPath(path));
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #adopt(run: Run): Run {
    this.#scope.add(run);
    this.#scope.add(run.onDidChange(() => this.#changed.fire(run)));
    // The list tells more of a run that has been read.
    void this.#note(run.path).then(() => this.#changed.fire(run));
    return run;
  }

  /** A panel that shows the run keeps it. */
  #drop(key: string): void {
    this.#open.delete(key);
    this.#known.delete(key);
  }

  async #note(path: string): Promise<void> {
    const key = canonicalPath(path);
    if (this.#known.has(key)) return;
    this.#known.set(key, (await changedAt(key)) || Date.now());
    this.#changed.fire(undefined);
  }

  async #search(): Promise<void> {
    const { runs } = await findInputs(this.engine, [this.storedRuns]);
    for (const path of new Set([...runs.map(canonicalPath), ...this.#known.keys(), ...this.#open.keys()])) {
      const time = await changedAt(path);
      if (time > 0) this.#known.set(path, time);
      else this.#drop(path);
    }
  }

  /** Another program may be writing a run that is open here. */
  #reloadSoon(path: string): void {
    const key = canonicalPath(path);
    clearTimeout(this.#reloads.get(key));
    const timer = setTimeout(() => void this.#reload(key), RELOAD_REST_MS);
    this.#reloads.set(key, timer);
  }

  async #reload(key: string): Promise<void> {
    this.#reloads.delete(key);
    const run = await this.#open.get(key)?.catch(() => undefined);
    if (run === undefined || run.running) return;
    // A file that cannot be read now may be half replaced: the next change tells.
    await run.reload().catch(() => undefined);
  }
}
