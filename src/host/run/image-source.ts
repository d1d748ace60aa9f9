/** Where a webview can load an image's pixels from. */
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf } from '../base/log.js';

/** What Chromium decodes. The rest is converted by the engine process. */
const SHOWN = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.bmp']);
/** Converted images older than this are removed, ms. */
const KEEP_MS = 14 * 24 * 3600 * 1000;

/** A file for the webview, or the reason why there is none. */
export interface ImageSource {
  /** Absolute path below `root` or the folder of converted images; null where the pixels cannot be shown. */
  readonly path: string | null;
  /** '' or one line for a person. */
  readonly note: string;
}

/** Finds, and converts where needed, the pixels of images. */
export class ImageSources {
  #tidied: Promise<void> | undefined;
  readonly #converting = new Map<string, Promise<ImageSource>>();

  /** @param folder for converted images; a local resource root of every panel. */
  constructor(
    readonly folder: string,
    private readonly engine: EngineService,
  ) {}

  /**
   * @param path absolute path of the pixels; '' unknown.
   * @param root the folder of the run's images that the webview may read.
   */
  async of(path: string, root: string): Promise<ImageSource> {
    if (path === '') return { path: null, note: 'The run does not say where this image is.' };
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (!found) return { path: null, note: `The image file is not there: ${path}` };
    if (isShown(path, root)) return { path, note: '' };
    return this.#convert(path);
  }

  /**
   * The path itself where the webview can load it as it is; null where it cannot. Whether the file is there is not
   * asked.
   */
  asItIs(path: string, root: string): string | null {
    return path !== '' && isShown(path, root) ? path : null;
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

function isShown(path: string, root: string): boolean {
  return SHOWN.has(extname(path).toLowerCase()) && isBelow(path, root);
}

function isBelow(path: string, root: string): boolean {
  if (root === '') return false;
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
