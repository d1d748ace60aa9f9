/** The live panel of a training: sends points and pictures, answers what the person presses. */
import * as vscode from 'vscode';
import type { Served } from '../../protocol/endpoint.js';
import {
  TRAINING_REQUESTS,
  type FatePicture,
  type TrainingAction,
  type GainPicture,
  type TrainingHost,
  type TrainingPoint,
  type TrainingView,
} from '../../protocol/train-messages.js';
import type { Log } from '../base/log.js';
import { Scope } from '../base/scope.js';
import { WebviewPage } from '../base/webview-page.js';
import type { EngineService } from '../engine/engine-service.js';
import type { ImageSources } from '../run/image-source.js';
import type { Runs } from '../run/runs.js';
import type { Training, TrainingChange } from './training.js';

export const TRAINING_VIEW = 'ohemLens.training';

export interface TrainPanelServices {
  readonly log: Log;
  readonly engine: EngineService;
  readonly images: ImageSources;
  readonly runs: Runs;
  /** Folder of the webview's bundle. */
  readonly assets: vscode.Uri;
  /** Carries out what is more than showing. */
  act(training: Training, action: TrainingAction): Promise<unknown>;
  openImage(runPath: string, imageIndex: number): Promise<void>;
}

export class TrainPanel implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #page: WebviewPage<TrainingHost, TrainingView>;

  constructor(
    readonly training: Training,
    readonly panel: vscode.WebviewPanel,
    private readonly services: TrainPanelServices,
  ) {
    const { assets, images, log } = services;
    panel.title = vscode.l10n.t('Training {0}', training.facts.name);
    this.#page = new WebviewPage<TrainingHost, TrainingView>(panel, {
      assets,
      bundle: 'train',
      title: training.facts.name,
      roots: () => images.roots,
      served: this.#served(),
      requests: TRAINING_REQUESTS,
      log,
      notice: (text) => this.#page.tell('notice', { text }),
    });
    this.#scope.add(this.#page);
    this.#scope.add(images.folders.onDidAllow(() => void this.#page.guard(() => this.#foldersChanged())));
    this.#scope.add(training.onDidChange((change) => void this.#page.guard(() => this.#changed(change))));
    this.#scope.add(training.onDidAdd((point) => void this.#page.guard(() => this.#added(point))));
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #served(): Served<TrainingHost> {
    const { training, services } = this;
    return {
      ready: () => {
        this.#page.begin();
        return this.#start();
      },
      act: async ({ action }) => void (await services.act(training, action)),
      readFates: ({ imageIndex }) => this.#fatesOn(imageIndex),
      readGain: ({ id }) => this.#gainOn(id),
      openImage: ({ side, imageIndex }) => services.openImage(training.comparison?.[side] ?? '', imageIndex),
    };
  }

  async #start(): Promise<void> {
    this.#sendTraining();
    this.#page.tell('comparison', { comparison: this.training.comparison });
    await this.#sendChosen();
    await this.#sendGains();
  }

  #sendTraining(): void {
    const { facts, points, progress } = this.training;
    this.#page.tell('training', { facts, points });
    this.#page.tell('progress', { progress });
  }

  #changed(change: TrainingChange): Promise<void> | void {
    switch (change) {
      case 'facts':
      case 'points':
        this.#sendTraining();
        return this.#sendGains();
      case 'progress':
        return this.#page.tell('progress', { progress: this.training.progress });
      case 'chosen':
        return this.#sendChosen();
      case 'comparison':
        return this.#page.tell('comparison', { comparison: this.training.comparison });
    }
  }

  #added(point: TrainingPoint): Promise<void> | void {
    this.#page.tell('points', { points: [point] });
    if (point.event === 'epoch' && point.validation !== null) return this.#sendGains();
  }

  async #sendGains(): Promise<void> {
    if (!this.#page.ready) return;
    this.#page.tell('gains', { gains: await this.services.engine.call('trainingGains', { out: this.training.out }) });
  }

  async #sendChosen(): Promise<void> {
    const batch = this.training.chosen;
    if (batch === null || !this.#page.ready) return;
    const uris = await Promise.all(batch.images.map(({ path }) => this.#uriOf(path)));
    // Converting a picture takes its time: a later step may have come.
    if (batch === this.training.chosen) this.#page.tell('chosen', { batch, uris });
  }

  async #fatesOn(imageIndex: number): Promise<FatePicture | null> {
    const { comparison } = this.training;
    if (comparison === null || comparison.state !== 'done') return null;
    const { before, after } = comparison;
    const rows = await this.services.engine.call('fatesOnImage', { before, after, imageIndex });
    const image = (await this.services.runs.open(before)).images.at(imageIndex);
    if (image === undefined) return null;
    const { path, width, height } = image;
    return { rows, width, height, uri: await this.#uriOf(path) };
  }

  async #gainOn(id: string): Promise<GainPicture | null> {
    const sight = await this.services.engine.call('gainOnImage', { out: this.training.out, id });
    return sight && { ...sight, uri: await this.#uriOf(sight.path) };
  }

  async #uriOf(path: string): Promise<string | null> {
    const source = await this.services.images.of(path, this.#imageRoot());
    if (source.outside !== undefined) this.services.images.folders.offer(source.outside);
    return this.#page.uriOf(source.path);
  }

  async #foldersChanged(): Promise<void> {
    this.#page.setRoots();
    await this.#sendChosen();
  }

  #imageRoot(): string {
    return this.training.folder.config.data.images ?? '';
  }
}
