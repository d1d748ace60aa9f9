/** The engine process that knows all items of a panel's run: of its own, so that reading a run holds up nobody else. */
import * as vscode from 'vscode';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type {
  GalleryAnswer,
  GalleryItem,
  GalleryPage,
  GalleryProgress,
  GalleryQuery,
} from '../../protocol/gallery-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import { IdleProcess } from '../engine/idle-process.js';
import type { Log } from '../base/log.js';
import { mayRunModels } from '../base/trust.js';
import { backgroundBelow } from '../base/settings.js';
import type { ImageFolders } from './image-folders.js';
import type { Run } from './run.js';

/** The process ends after this rest, ms: a million items fill 200 MB, and are read from their cache in a second. */
const IDLE_MS = 300_000;

export class GalleryProcess {
  readonly #process: IdleProcess;

  constructor(
    private readonly run: Run,
    private readonly images: Pick<ImageFolders, 'moves'>,
    engine: EngineService,
    log: Log,
    tell: (progress: GalleryProgress) => void,
  ) {
    const hear = (event: WorkerEvent) => {
      if (event.event === 'gallery') tell(event.progress);
      if (event.event === 'log') log[event.level](event.text);
    };
    this.#process = new IdleProcess(() => engine.start(hear), IDLE_MS);
  }

  /**
   * @param signal ends the reading of the run, and the looking for what is similar, which runs the checkpoint.
   * @throws MiningError as the engine process threw it; Error where models may not run.
   */
  async query(mining: MiningConfig, query: GalleryQuery, signal: AbortSignal): Promise<GalleryAnswer> {
    return this.#process.call('galleryQuery', { ...this.#source(mining, query), query }, signal);
  }

  async page(mining: MiningConfig, page: GalleryPage, signal: AbortSignal): Promise<readonly GalleryItem[]> {
    return this.#process.call('galleryPage', { ...this.#source(mining, page.query), page }, signal);
  }

  dispose(): void {
    this.#process.end();
  }

  #source(mining: MiningConfig, { similarTo }: GalleryQuery) {
    if (similarTo !== undefined && !mayRunModels())
      throw new Error(vscode.l10n.t('Models run only in trusted workspaces.'));
    return {
      runPath: this.run.bytesPath,
      besideOf: this.run.path,
      mining,
      backgroundBelow: backgroundBelow(),
      moves: [...this.images.moves],
    };
  }
}
