/** The decisions on one run as this window knows them: reads, writes, takes back. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { groupByImage, type Decision } from '../../core/triage/decisions.js';
import type { DecisionChange } from '../../protocol/decisions.js';
import type { RunVerdicts } from '../../protocol/panel-messages.js';
import { authorOf } from '../../run/decisions/author.js';
import { decide, decisionsFolder, readDecisions } from '../../run/decisions/decisions.js';
import { Scope } from '../base/scope.js';
import type { Log } from '../base/log.js';

/** A changed file is read again after this rest, ms: git writes several. */
const RELOAD_REST_MS = 200;
/** Decisions that can be taken back. */
const MAX_UNDO = 1000;

interface Step {
  readonly back: readonly DecisionChange[];
  readonly forth: readonly DecisionChange[];
}

export class DecisionBook implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<void>());
  /** Somebody decided: here, in another window, or by git. */
  readonly onDidChange = this.#changed.event;
  #decisions: readonly Decision[] = [];
  #byImage: ReadonlyMap<string, readonly Decision[]> = new Map();
  #faults: readonly string[] = [];
  #author: Promise<string> | undefined;
  #authorName = '';
  #done: Step[] = [];
  #undone: Step[] = [];
  /** What is under way: one after the other. */
  #turn: Promise<unknown>;
  #again: NodeJS.Timeout | undefined;
  #files: vscode.FileSystemWatcher | undefined;

  constructor(
    private readonly runPath: string,
    private readonly log: Log,
  ) {
    const folder = decisionsFolder(runPath);
    const above = this.#scope.add(watcherOf(dirname(folder), '*.decisions'));
    this.#scope.add(
      above.onDidCreate(({ fsPath }) => {
        if (fsPath !== folder) return;
        this.#watch(folder);
        this.#readSoon();
      }),
    );
    this.#scope.onDispose(() => this.#files?.dispose());
    this.#scope.onDispose(() => clearTimeout(this.#again));
    this.#watch(folder);
    this.#turn = this.#read();
  }

  get verdicts(): RunVerdicts {
    return {
      decisions: this.#decisions,
      author: this.#authorName,
      canUndo: this.#done.length > 0,
      canRedo: this.#undone.length > 0,
    };
  }

  /** On an image and what is in it. @param id of the image. */
  ofImage(id: string): readonly Decision[] {
    return this.#byImage.get(id) ?? [];
  }

  /** Settles when it is on the disk. @throws MiningError as `decide` of the run room. */
  decide(changes: readonly DecisionChange[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#done = [...this.#done, { back: await this.#write(changes), forth: changes }].slice(-MAX_UNDO);
      this.#undone = [];
    });
  }

  /** Takes the last decision of this window back; nothing where there is none. */
  undo(): Promise<void> {
    return this.#inTurn(async () => {
      const step = this.#done.at(-1);
      if (step === undefined) return;
      await this.#write(step.back);
      this.#done = this.#done.slice(0, -1);
      this.#undone = [...this.#undone, step];
    });
  }

  redo(): Promise<void> {
    return this.#inTurn(async () => {
      const step = this.#undone.at(-1);
      if (step === undefined) return;
      await this.#write(step.forth);
      this.#undone = this.#undone.slice(0, -1);
      this.#done = [...this.#done, step];
    });
  }

  dispose(): void {
    this.#scope.dispose();
  }

  /** Outside the workspace VS Code watches only a folder that is there: anew when this one comes. */
  #watch(folder: string): void {
    this.#files?.dispose();
    const files = watcherOf(folder, '*.jsonl');
    for (const happens of [files.onDidCreate, files.onDidChange, files.onDidDelete]) happens(() => this.#readSoon());
    this.#files = files;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const acted = this.#turn.then(act).then(() => this.#read(true));
    this.#turn = acted.catch(() => undefined);
    return acted;
  }

  async #write(changes: readonly DecisionChange[]): Promise<readonly DecisionChange[]> {
    this.#author ??= authorOf(this.runPath);
    this.#authorName = await this.#author;
    return decide(this.runPath, this.#authorName, changes);
  }

  #readSoon(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void (this.#turn = this.#turn.then(() => this.#read())), RELOAD_REST_MS);
  }

  /** @param mine a step was made here: what can be taken back is another now. */
  async #read(mine = false): Promise<void> {
    const { decisions, faults } = await readDecisions(this.runPath);
    const changed = JSON.stringify(decisions) !== JSON.stringify(this.#decisions);
    for (const fault of faults.filter((each) => !this.#faults.includes(each))) this.log.showError(new Error(fault));
    this.#faults = faults;
    if (!changed && !mine) return;
    this.#decisions = decisions;
    this.#byImage = groupByImage(decisions);
    this.#changed.fire();
  }
}

function watcherOf(folder: string, pattern: string): vscode.FileSystemWatcher {
  return vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), pattern));
}

/** One book a run, opened when somebody first looks. */
export class DecisionBooks implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<string>());
  /** Path of a run whose decisions are others now. */
  readonly onDidChange = this.#changed.event;
  readonly #books = new Map<string, DecisionBook>();

  constructor(private readonly log: Log) {}

  /** @param runPath as `Run` has it. */
  of(runPath: string): DecisionBook {
    const known = this.#books.get(runPath);
    if (known !== undefined) return known;
    const book = this.#scope.add(new DecisionBook(runPath, this.log));
    this.#scope.add(book.onDidChange(() => this.#changed.fire(runPath)));
    this.#books.set(runPath, book);
    return book;
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
