/** The editor that compares checkpoints: a process of its own reads the runs, the page asks about what is read. */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { FileStamp } from '../../core/facts/file-stamp.js';
import {
  CHECKPOINT_REQUESTS,
  type CheckpointHost,
  type CheckpointView,
  type ExampleKey,
  type ExampleSide,
  type PageSide,
  type RunNews,
} from '../../protocol/checkpoint-messages.js';
import type { Served } from '../../protocol/endpoint.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import type { Log } from '../base/log.js';
import { Scope } from '../base/scope.js';
import { WebviewPage } from '../base/webview-page.js';
import type { EngineService } from '../engine/engine-service.js';
import { IdleProcess } from '../engine/idle-process.js';
import type { ImageSources } from '../run/image-source.js';

export const CHECKPOINTS_VIEW = 'ohemLens.checkpoints';

/** The process ends after this rest, ms; the next question reads the runs again. */
const IDLE_MS = 300_000;
/** A changed file is looked at after this rest, ms: writers append in bursts. */
const CHANGE_REST_MS = 500;

export interface CheckpointServices {
  readonly log: Log;
  readonly engine: EngineService;
  readonly images: ImageSources;
  /** Folder of the webview's bundle. */
  readonly assets: vscode.Uri;
  openImage(runPath: string, imageIndex: number): Promise<void>;
}

export class CheckpointPanel implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #page: WebviewPage<CheckpointHost, CheckpointView>;
  readonly #process: IdleProcess;
  /** Files as they were when they were read; null where there was none. */
  #stamps: readonly (FileStamp | null)[] | undefined;
  #rest: NodeJS.Timeout | undefined;
  #numExamples = 0;

  /** @param paths run files, in the order of training. */
  constructor(
    readonly paths: readonly string[],
    readonly panel: vscode.WebviewPanel,
    private readonly services: CheckpointServices,
  ) {
    const { assets, engine, images, log } = services;
    const title = vscode.l10n.t('Compare {0}', namesOf(paths).join(' · '));
    panel.title = title;
    this.#process = new IdleProcess(() => engine.start((event) => this.#hear(event)), IDLE_MS);
    this.#scope.onDispose(() => this.#process.end());
    this.#page = new WebviewPage<CheckpointHost, CheckpointView>(panel, {
      assets,
      bundle: 'checkpoints',
      title,
      roots: () => images.roots,
      served: this.#served(),
      requests: CHECKPOINT_REQUESTS,
      log,
      notice: (text) => this.#page.tell('notice', { text }),
    });
    this.#scope.add(this.#page);
    this.#scope.add(images.folders.onDidAllow(() => this.#foldersChanged()));
    this.#watch();
  }

  /** Examples that were there when the page asked last. */
  get numExamples(): number {
    return this.#numExamples;
  }

  dispose(): void {
    clearTimeout(this.#rest);
    this.#scope.dispose();
  }

  #served(): Served<CheckpointHost> {
    const { paths, services } = this;
    return {
      ready: () => {
        this.#page.begin();
        this.#page.tell('runs', { paths, names: namesOf(paths) });
        return this.#tellNews();
      },
      read: async ({ again }, signal) => {
        if (again || this.#stamps === undefined) {
          this.#stamps = await Promise.all(paths.map(stampOf));
          await this.#tellNews();
        }
        await this.#process.call('checkpointsRead', { paths: [...paths], again }, signal);
      },
      query: async ({ query }, signal) => {
        const answer = await this.#process.call('checkpointsQuery', { paths: [...paths], query }, signal);
        this.#numExamples = answer.numExamples;
        return answer;
      },
      page: ({ page }, signal) => this.#process.call('checkpointsPage', { paths: [...paths], page }, signal),
      example: ({ key }, signal) => this.#example(key, signal),
      openImage: ({ path, imageIndex }) =>
        paths.includes(path) ? services.openImage(path, imageIndex) : Promise.resolve(),
    };
  }

  async #example(key: ExampleKey, signal: AbortSignal): Promise<{ readonly sides: readonly [PageSide, PageSide] }> {
    const [a, b] = await this.#process.call('checkpointsExample', { paths: [...this.paths], key }, signal);
    return { sides: [await this.#pageSide(a), await this.#pageSide(b)] };
  }

  async #pageSide(side: ExampleSide): Promise<PageSide> {
    const { images } = this.services;
    const source = await images.of(side.path, side.imageRoot);
    if (source.outside !== undefined) images.folders.offer(source.outside);
    return { ...side, uri: this.#page.uriOf(source.path), note: source.note };
  }

  #hear(event: WorkerEvent): void {
    if (event.event === 'checkpoints') this.#page.tell('progress', event.progress);
    if (event.event === 'log') this.services.log[event.level](event.text);
  }

  #foldersChanged(): void {
    this.#page.setRoots();
    this.#page.tell('picturesChanged', {});
  }

  /** Runs may lie outside of the workspace, too. */
  #watch(): void {
    for (const folder of new Set(this.paths.map((path) => dirname(path)))) {
      const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '*.ohem');
      const watcher = this.#scope.add(vscode.workspace.createFileSystemWatcher(pattern));
      for (const onDid of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
        this.#scope.add(onDid(() => this.#lookSoon()));
    }
  }

  #lookSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#page.guard(() => this.#tellNews()), CHANGE_REST_MS);
  }

  /** What is shown is of the files as they were. */
  async #tellNews(): Promise<void> {
    const before = this.#stamps;
    if (before === undefined) return;
    const now = await Promise.all(this.paths.map(stampOf));
    const news = this.paths.flatMap((path, i): RunNews[] => {
      const [then, stamp] = [before[i], now[i]];
      if (stamp === null) return [{ path, state: 'gone' }];
      return then?.size === stamp?.size && then?.mtimeMs === stamp?.mtimeMs ? [] : [{ path, state: 'changed' }];
    });
    this.#page.tell('news', { news });
  }
}

/** Names of runs, with their folders where names alone would be the same. */
function namesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path, '.ohem'));
  return new Set(names).size === names.length ? names : paths.map((path) => vscode.workspace.asRelativePath(path));
}

async function stampOf(path: string): Promise<FileStamp | null> {
  return stat(path).then(
    ({ size, mtimeMs }) => ({ size, mtimeMs }),
    () => null,
  );
}
