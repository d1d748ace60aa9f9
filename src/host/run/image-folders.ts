/**
 * From which folders pictures may be opened, and where those are that have moved; kept with the workspace, never in a
 * run. A run file says where its images are, and a run file may come from
 * anywhere: nothing outside of the workspace is looked at, served to a webview or decoded before a person said so.
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import * as vscode from 'vscode';
import { workspaceFolders } from '../base/local-path.js';
import { showWarningMessage } from '../base/speak.js';
import { movedPath, moveTo, type Move } from '../../core/moved-images.js';

const [KEY, MOVES] = ['imageFolders', 'movedImages'];
/** Folders that are remembered; the one allowed longest ago goes first. */
const MAX_FOLDERS = 100;

export class ImageFolders {
  readonly #allowed = new vscode.EventEmitter<void>();
  /** A folder was allowed, or images have another place. */
  readonly onDidAllow = this.#allowed.event;
  readonly #asking = new Map<string, Promise<boolean>>();
  readonly #offered = new Set<string>();

  /** @param own folders of the extension's: its sample, its storage of runs. */
  constructor(
    private readonly state: vscode.Memento,
    private readonly own: readonly string[],
  ) {}

  /** Absolute paths: the workspace's folders, the extension's own, and those that the person allowed. */
  get roots(): readonly string[] {
    return [...workspaceFolders(), ...this.own, ...this.#confirmed];
  }

  /** Decided by the text of the path alone: a path on a foreign server must not even be looked at. */
  allows(path: string): boolean {
    return isAbsolute(path) && this.roots.some((root) => isBelow(path, root));
  }

  /** Remembers with the workspace that the person allowed a folder, or chose it. */
  allow(folder: string): void {
    if (this.allows(folder)) return;
    const others = this.#confirmed.filter((other) => other !== folder);
    void this.state.update(KEY, [...others, resolve(folder)].slice(-MAX_FOLDERS));
    this.#allowed.fire();
  }

  /** Where images are that have moved. */
  get moves(): readonly Move[] {
    return this.state.get<readonly Move[]>(MOVES, []);
  }

  /** Where an image is now that a run file says to be at `path`. */
  placeOf(path: string): string {
    return movedPath(path, this.moves);
  }

  /**
   * Remembers that an image, and those that lay beside it, are below a folder that the person chose.
   * @returns false where the folder does not hold it.
   */
  async locate(path: string, folder: string): Promise<boolean> {
    const move = await moveTo(resolve(folder), path, isFile);
    if (move === null) return false;
    const others = this.moves.filter(({ from }) => from !== move.from);
    await this.state.update(MOVES, [move, ...others].slice(0, MAX_FOLDERS));
    this.allow(folder);
    this.#allowed.fire();
    return true;
  }

  /** Asks the person whether pictures of a folder may be opened. @returns whether they may. */
  ask(folder: string): Promise<boolean> {
    const asking = this.#asking.get(folder) ?? this.#ask(folder).finally(() => this.#asking.delete(folder));
    this.#asking.set(folder, asking);
    return asking;
  }

  /** Asks once in a session: who said no is not asked at every image. */
  offer(folder: string): void {
    if (this.#offered.has(folder)) return;
    this.#offered.add(folder);
    void this.ask(folder);
  }

  async #ask(folder: string): Promise<boolean> {
    const yes = vscode.l10n.t('Allow Images From This Folder');
    const text = vscode.l10n.t('The run shows images from outside of this workspace: {0}', folder);
    if ((await showWarningMessage(text, yes)) !== yes) return false;
    this.allow(folder);
    return true;
  }

  get #confirmed(): readonly string[] {
    return this.state.get<readonly string[]>(KEY, []);
  }
}

/** Who chooses a data set or a dump has chosen its folder, and the folder of images that was named beside it. */
export function allowImages(folders: ImageFolders, data: string, images?: string): void {
  const isFolder = statSync(data, { throwIfNoEntry: false })?.isDirectory() === true;
  folders.allow(isFolder ? data : dirname(data));
  if (images !== undefined) folders.allow(images);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** Whether a path is a folder or below it. */
export function isBelow(path: string, folder: string): boolean {
  if (folder === '') return false;
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
