/** The engine process that knows all items of a panel's run: of its own, so that reading a run holds up nobody else. */
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type {
  GalleryAnswer,
  GalleryItem,
  GalleryPage,
  GalleryProgress,
  GalleryQuery,
} from '../../protocol/gallery-messages.js';
import type { EngineProcess } from '../engine/engine-process.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Log } from '../base/log.js';
import { backgroundBelow } from '../base/settings.js';
import type { Run } from './run.js';

/** The process ends after this rest, ms: a million items fill 200 MB, and are read from their cache in a second. */
const IDLE_MS = 300_000;

export class GalleryProcess {
  #process: Promise<EngineProcess> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly run: Run,
    private readonly engine: EngineService,
    private readonly log: Log,
    private readonly tell: (progress: GalleryProgress) => void,
  ) {}

  /** @param signal ends the reading of the run. @throws MiningError as the engine process threw it */
  query(mining: MiningConfig, query: GalleryQuery, signal: AbortSignal): Promise<GalleryAnswer> {
    return this.#inProcess((process) => process.call('galleryQuery', { ...this.#source(mining), query }, signal));
  }

  page(mining: MiningConfig, page: GalleryPage, signal: AbortSignal): Promise<readonly GalleryItem[]> {
    return this.#inProcess((process) => process.call('galleryPage', { ...this.#source(mining), page }, signal));
  }

  dispose(): void {
    clearTimeout(this.#idle);
    this.#end();
  }

  #source(mining: MiningConfig) {
    return { runPath: this.run.bytesPath, mining, backgroundBelow: backgroundBelow() };
  }

  async #inProcess<T>(ask: (process: EngineProcess) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    try {
      return await ask(await this.#alive());
    } finally {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#end(), IDLE_MS);
    }
  }

  async #alive(): Promise<EngineProcess> {
    const process = await this.#process?.catch(() => undefined);
    if (process?.alive) return process;
    this.#process = this.engine.start((event) => {
      if (event.event === 'gallery') this.tell(event.progress);
      if (event.event === 'log') this.log[event.level](event.text);
    });
    return this.#process;
  }

  #end(): void {
    void this.#process?.then((process) => process.kill()).catch(() => undefined);
    this.#process = undefined;
  }
}
