/** Where a webview can load an image's pixels from. */
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf } from '../base/log.js';
import { isBelow, type ImageFolders } from './image-folders.js';

/** What Chromium decodes. The rest is converted by the engine process. */
const SHOWN = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.bmp']);
/** Converted images older than this are removed, ms. */
const KEEP_MS = 14 * 24 * 3600 * 1000;

/** A file for the webview, or the reason why there is none. */
export interface ImageSource {
  /** Absolute path below one of `roots`; null where the pixels cannot be shown. */
  readonly path: string | null;
  /** '' or one line for a person. */
  readonly note: string;
  /** The folder that the person may allow, so that they are shown. */
  readonly outside?: string;
  /** The person may say where it is now. */
  readonly isElsewhere?: true;
}

/** Finds, and converts where needed, the pixels of images. */
export class ImageSources {
  #tidied: Promise<void> | undefined;
  readonly #converting = new Map<string, Promise<ImageSource>>();

  /** @param folder for converted images. */
  constructor(
    private readonly folder: string,
    private readonly engine: EngineService,
    readonly folders: ImageFolders,
  ) {}

  /** What a webview may load: the folders that hold pictures of runs, and that of converted ones. */
  get roots(): readonly string[] {
    return [this.folder, ...this.folders.roots];
  }

  /**
   * @param given absolute path of the pixels, as the run file says; '' unknown.
   * @param imageRoot the folder of the run's images, for the question whether to allow it; '' unknown.
   */
  async of(given: string, imageRoot: string): Promise<ImageSource> {
    if (given === '') return { path: null, note: vscode.l10n.t('The run does not say where this image is.') };
    const path = this.folders.placeOf(given);
    if (!this.folders.allows(path)) return outside(path, imageRoot);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (!found) return { path: null, note: vscode.l10n.t('The image file is not there: {0}', path), isElsewhere: true };
    if (SHOWN.has(extname(path).toLowerCase())) return { path, note: '' };
    if (!vscode.workspace.isTrusted)
      return {
        path: null,
        note: vscode.l10n.t('Images that VS Code does not show by itself are decoded in trusted workspaces only.'),
      };
    return this.#convert(path);
  }

  /**
   * The path itself where the webview can load it as it is; null where it cannot. Whether the file is there is not
   * asked.
   */
  asItIs(given: string): string | null {
    const path = this.folders.placeOf(given);
    return SHOWN.has(extname(path).toLowerCase()) && this.folders.allows(path) ? path : null;
  }

  #convert(path: string): Promise<ImageSource> {
    const under = this.#converting.get(path);
    if (under) return under;
    const converting = this.#toPng(path)
      .catch((error: unknown): ImageSource => ({ path: null, note: messageOf(error) }))
      .finally(() => this.#converting.delete(path));
    this.#converting.set(path, converting);
    return converting;
  }

  async #toPng(path: string): Promise<ImageSource> {
    this.#tidied ??= this.#tidy();
    await this.#tidied;
    const { mtimeMs, size } = await stat(path);
    const name = createHash('sha256').update(`${path}\n${mtimeMs}\n${size}`).digest('hex').slice(0, 32);
    const outPath = join(this.folder, `${name}.png`);
    const known = await access(outPath).then(
      () => true,
      () => false,
    );
    if (!known) await this.engine.call('toPng', { path, outPath });
    return { path: outPath, note: '' };
  }

  async #tidy(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const age = await stat(path).then(
        (stats) => Date.now() - stats.mtimeMs,
        () => 0,
      );
      if (age > KEEP_MS) await rm(path, { force: true });
    }
  }
}

function outside(path: string, imageRoot: string): ImageSource {
  const folder = isBelow(path, imageRoot) ? imageRoot : dirname(path);
  const note = vscode.l10n.t('Outside of this workspace, and not opened until you allow it: {0}', path);
  return { path: null, note, outside: folder, isElsewhere: true };
}
