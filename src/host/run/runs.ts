/** The runs that this window knows: found in the workspace, opened, or mined here. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import { findInputs } from '../inputs/find-inputs.js';
import { Run, canonicalPath, changedAt } from './run.js';
import { Scope } from '../base/scope.js';

type Opened = Extract<WorkerEvent, { event: 'opened' }>;

/** A changed file is looked at after this rest, ms: writers append in bursts, and replace by deleting first. */
const LOOK_REST_MS = 500;

export class Runs implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<Run | undefined>());
  /** A run changed; undefined: the list did. */
  readonly onDidChange = this.#changed.event;
  /** Path -> time by which the list is ordered, ms. */
  readonly #known = new Map<string, number>();
  readonly #open = new Map<string, Promise<Run>>();
  readonly #looks = new Map<string, NodeJS.Timeout>();
  /** Folders outside of the workspace that are watched for open runs. */
  readonly #watched = new Set<string>();
  #searched: Promise<void> | undefined;

  /** @param storedRuns folder of the runs that were mined without a workspace. */
  constructor(
    private readonly engine: EngineService,
    private readonly storedRuns: string,
  ) {
    this.#watch('**/*.ohem', (key) => this.#lookSoon(key));
    this.#scope.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()));
    this.#scope.onDispose(() => this.#looks.forEach((timer) => clearTimeout(timer)));
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

  /** The run of a file, read once; again where it was gone. @throws MiningError 'run-file' */
  open(path: string): Promise<Run> {
    const key = canonicalPath(path);
    const known = this.#open.get(key);
    if (known)
      return known.then(async (run) => {
        if (run.deleted) await run.reload();
        return run;
      });
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

  dispose(): void {
    this.#scope.dispose();
  }

  #adopt(run: Run): Run {
    this.#scope.add(run);
    this.#scope.add(run.onDidChange(() => this.#changed.fire(run)));
    this.#watchOutside(run.uri);
    // The list tells more of a run that has been read.
    void this.#note(run.path).then(() => this.#changed.fire(run));
    return run;
  }

  #watch(pattern: vscode.GlobPattern, look: (key: string) => void): void {
    const watcher = this.#scope.add(vscode.workspace.createFileSystemWatcher(pattern));
    for (const happens of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
      this.#scope.add(happens((uri) => look(canonicalPath(uri.fsPath))));
  }

  /** The workspace's watcher does not see what was opened from elsewhere. */
  #watchOutside(uri: vscode.Uri): void {
    const folder = dirname(uri.fsPath);
    if (vscode.workspace.getWorkspaceFolder(uri) !== undefined || this.#watched.has(folder)) return;
    this.#watched.add(folder);
    const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '*.ohem');
    this.#watch(pattern, (key) => this.#open.has(key) && this.#lookSoon(key));
  }

  async #note(path: string): Promise<void> {
    const key = canonicalPath(path);
    if (this.#known.has(key)) return;
    this.#known.set(key, (await changedAt(key)) || Date.now());
    this.#tellNumber();
    this.#changed.fire(undefined);
  }

  async #search(): Promise<void> {
    const { runs } = await findInputs(this.engine, [this.storedRuns]);
    const paths = new Set([...runs.map(canonicalPath), ...this.#known.keys(), ...this.#open.keys()]);
    for (const path of paths) await this.#timeOf(path);
    this.#tellNumber();
  }

  /** For menus: one run is compared with none, and shards lie in folders. */
  #tellNumber(): void {
    const folders = [...new Set([...this.#known.keys()].map((path) => dirname(path)))];
    void vscode.commands.executeCommand('setContext', 'ohemLens.runFolders', folders);
    void vscode.commands.executeCommand('setContext', 'ohemLens.fewRuns', this.#known.size < 2);
  }

  /** Another program may have written, replaced or deleted it. */
  #lookSoon(key: string): void {
    clearTimeout(this.#looks.get(key));
    this.#looks.set(
      key,
      setTimeout(() => void this.#look(key), LOOK_REST_MS),
    );
  }

  async #look(key: string): Promise<void> {
    this.#looks.delete(key);
    const wasKnown = this.#known.has(key);
    const isThere = await this.#timeOf(key);
    const run = await this.peek(key);
    // A file that cannot be read now may be half replaced: the next change tells.
    if (isThere && run?.running === false) await run.reload().catch(() => undefined);
    if (isThere === wasKnown) return;
    this.#tellNumber();
    this.#changed.fire(undefined);
  }

  /** Notes a file in the list, or takes it off; a panel keeps what it has read of it. @returns whether it is there. */
  async #timeOf(key: string): Promise<boolean> {
    const time = await changedAt(key);
    if (time > 0) this.#known.set(key, time);
    else {
      this.#known.delete(key);
      (await this.peek(key))?.setDeleted();
    }
    return time > 0;
  }
}
