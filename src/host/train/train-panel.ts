/** The live panel of a training: sends points and pictures, answers what the person presses. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FromTraining, ToTraining, TrainingAction } from '../../protocol/train-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import type { ImageSources } from '../run/image-source.js';
import { messageOf, type Log } from '../base/log.js';
import { panelHtml } from '../run/panel-html.js';
import type { Runs } from '../run/runs.js';
import { Scope } from '../base/scope.js';
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
  #ready = false;

  constructor(
    readonly training: Training,
    readonly panel: vscode.WebviewPanel,
    private readonly services: TrainPanelServices,
  ) {
    const { webview } = panel;
    panel.title = vscode.l10n.t('Training {0}', training.facts.name);
    this.#setRoots();
    this.#scope.add(
      webview.onDidReceiveMessage((message: FromTraining) => void this.#guard(() => this.#answer(message))),
    );
    const { folders } = services.images;
    this.#scope.add(folders.onDidAllow(() => void this.#guard(() => this.#foldersChanged())));
    this.#scope.add(panel.onDidChangeViewState(() => (this.#ready &&= panel.visible)));
    this.#scope.add(training.onDidChange((change) => void this.#guard(() => this.#changed(change))));
    this.#scope.add(training.onDidAdd((point) => this.#post({ kind: 'points', points: [point] })));
    webview.html = this.#html();
  }

  get ready(): boolean {
    return this.#ready;
  }

  dispose(): void {
    this.#ready = false;
    this.#scope.dispose();
  }

  async #guard(act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.services.log.error(messageOf(error));
      this.#post({ kind: 'notice', text: messageOf(error) });
    }
  }

  #answer(message: FromTraining): unknown {
    const { training, services } = this;
    switch (message.kind) {
      case 'ready':
        return this.#start();
      case 'action':
        return services.act(training, message.action);
      case 'readFates':
        return this.#sendFates(message.imageIndex);
      case 'openImage':
        return services.openImage(training.comparison?.[message.side] ?? '', message.imageIndex);
    }
  }

  async #start(): Promise<void> {
    this.#ready = true;
    this.#sendTraining();
    this.#post({ kind: 'comparison', comparison: this.training.comparison });
    await this.#sendChosen();
  }

  #sendTraining(): void {
    const { facts, points, progress } = this.training;
    this.#post({ kind: 'training', facts, points });
    this.#post({ kind: 'progress', progress });
  }

  #changed(change: TrainingChange): Promise<void> | void {
    switch (change) {
      case 'facts':
      case 'points':
        return this.#sendTraining();
      case 'progress':
        return this.#post({ kind: 'progress', progress: this.training.progress });
      case 'chosen':
        return this.#sendChosen();
      case 'comparison':
        return this.#post({ kind: 'comparison', comparison: this.training.comparison });
    }
  }

  async #sendChosen(): Promise<void> {
    const batch = this.training.chosen;
    if (batch === null || !this.#ready) return;
    const uris = await Promise.all(batch.images.map(({ path }) => this.#uriOf(path)));
    // Converting a picture takes its time: a later step may have come.
    if (batch === this.training.chosen) this.#post({ kind: 'chosen', batch, uris });
  }

  async #sendFates(imageIndex: number): Promise<void> {
    const { comparison } = this.training;
    if (comparison === null || comparison.state !== 'done') return;
    const { before, after } = comparison;
    const rows = await this.services.engine.call('fatesOnImage', { before, after, imageIndex });
    const { path, width, height } = (await this.services.runs.open(before)).images[imageIndex];
    this.#post({ kind: 'fates', rows, width, height, uri: await this.#uriOf(path) });
  }

  /** Messages to a webview out of sight would arrive twice: it asks again when it comes back. */
  #post(message: ToTraining): void {
    if (this.#ready) void this.panel.webview.postMessage(message);
  }

  async #uriOf(path: string): Promise<string | null> {
    const source = await this.services.images.of(path, this.#imageRoot());
    if (source.outside !== undefined) this.services.images.folders.offer(source.outside);
    return source.path === null ? null : this.panel.webview.asWebviewUri(vscode.Uri.file(source.path)).toString();
  }

  #imageRoot(): string {
    return this.training.folder.config.data.images ?? '';
  }

  #setRoots(): void {
    const roots = this.services.images.roots.map((path) => vscode.Uri.file(path));
    this.panel.webview.options = { enableScripts: true, localResourceRoots: [this.services.assets, ...roots] };
  }

  async #foldersChanged(): Promise<void> {
    this.#setRoots();
    await this.#sendChosen();
  }

  #html(): string {
    const { webview } = this.panel;
    const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.services.assets, name)).toString();
    const page = {
      nonce: randomBytes(24).toString('base64url'),
      scriptUri: uri('train.js'),
      styleUri: uri('train.css'),
    };
    return panelHtml({
      ...page,
      cspSource: webview.cspSource,
      language: vscode.env.language,
      title: this.training.facts.name,
    });
  }
}
