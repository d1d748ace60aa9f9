/** One webview on a run: sends facts and byte ranges, answers what the person does there. */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import {
  MAX_EXAMPLES,
  type PanelCommand,
  type RunComparison,
  type ToHost,
  type ToPanel,
} from '../../protocol/panel-messages.js';
import { messageOf } from '../base/log.js';
import { panelHtml } from './panel-html.js';
import type { PanelServices } from './panel-services.js';
import type { Run, RunChange } from './run.js';
import { Scope } from '../base/scope.js';
import { imageOrder, panelSettings } from '../base/settings.js';

/** Most bytes of one `examples` message. */
const MAX_EXAMPLE_BYTES = 32 << 20;
/** While a run grows, the panel hears this often of the shown image's new place, ms. */
const GROWTH_MS = 1000;

export class RunPanel implements vscode.Disposable {
  readonly #scope = new Scope();
  /** The webview listens: between its `ready` and its going out of sight. */
  #ready = false;
  #imageIndex: number | null = null;
  /** Wanted before the webview was ready. */
  #wanted: number | null = null;
  /** The person has chosen an image here, or has begun to look at the one in sight. */
  #touched = false;
  #again: NodeJS.Timeout | undefined;
  /** Counts image requests: an answer that was overtaken is dropped. */
  #request = 0;

  constructor(
    readonly run: Run,
    readonly panel: vscode.WebviewPanel,
    private readonly services: PanelServices,
  ) {
    const { webview } = panel;
    this.#setRoots();
    this.#scope.add(webview.onDidReceiveMessage((message: ToHost) => void this.#guard(() => this.#answer(message))));
    this.#scope.add(services.images.folders.onDidAllow(() => void this.#guard(() => this.#foldersChanged())));
    this.#scope.add(panel.onDidChangeViewState(() => (this.#ready &&= panel.visible)));
    this.#scope.add(run.onDidChange((change) => void this.#guard(() => this.#runChanged(change))));
    this.#scope.add(vscode.workspace.onDidChangeConfiguration((event) => this.#settingsChanged(event)));
    webview.html = this.#html();
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** The image in sight; null before the first. */
  get imageIndex(): number | null {
    return this.#imageIndex;
  }

  /** Goes to an image, at once or as soon as the webview is there. */
  async show(imageIndex: number): Promise<void> {
    this.#touched = true;
    if (this.#ready) await this.#showImage(imageIndex);
    else this.#wanted = imageIndex;
  }

  command(command: PanelCommand): void {
    this.#post({ kind: 'command', command });
  }

  dispose(): void {
    this.#ready = false;
    clearTimeout(this.#again);
    this.#scope.dispose();
  }

  /** A failure belongs into the log and before the person's eyes, wherever it came from. */
  async #guard(act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.services.log.error(messageOf(error));
      this.#post({ kind: 'notice', level: 'error', text: messageOf(error) });
    }
  }

  #answer(message: ToHost): Promise<void> | void {
    const { actions, log } = this.services;
    switch (message.kind) {
      case 'ready':
        return this.#start(message.imageIndex);
      case 'showImage':
        this.#touched = true;
        return this.#showImage(message.imageIndex);
      case 'stepImage':
        return this.#step(message.delta);
      case 'readRois':
        return this.#sendRois(message.imageIndex);
      case 'readExamples':
        return this.#sendExamples(message.first);
      case 'exampleShown':
        return this.#exampleShown(message.imageIndex);
      case 'touched':
        this.#touched = true;
        return;
      case 'miningChanged':
        return actions.changeMining(this.run, message.mining);
      case 'compareRun':
        return this.#compare(message.a, message.b);
      case 'resume':
        return actions.resume(this.run);
      case 'cancel':
        return actions.stop(this.run);
      case 'export':
        return actions.exportSelection(this.run, message.mining);
      case 'reveal':
        return actions.revealAnnotation(this.run, message.imageIndex, message.annotation);
      case 'openImage':
        return actions.openImage(this.run, message.imageIndex);
      case 'copy':
        return Promise.resolve(vscode.env.clipboard.writeText(message.text));
      case 'showLog':
        return log.show();
    }
  }

  async #start(imageIndex: number | null): Promise<void> {
    this.#ready = true;
    this.#sendRun();
    const first = [this.#wanted, imageIndex, this.#imageIndex, this.services.lastImages.get(this.run.path)].find((i) =>
      this.#has(i),
    );
    this.#wanted = null;
    if (this.run.numImages > 0) await this.#showImage(first ?? this.run.order(imageOrder())[0]);
  }

  #sendRun(): void {
    const { manifest, schema, progress } = this.run;
    this.#post({ kind: 'run', manifest, schema, settings: panelSettings() });
    if (progress) this.#post({ kind: 'progress', progress });
  }

  #has(imageIndex: number | null | undefined): imageIndex is number {
    return (
      typeof imageIndex === 'number' &&
      Number.isInteger(imageIndex) &&
      imageIndex >= 0 &&
      imageIndex < this.run.numImages
    );
  }

  async #step(delta: number): Promise<void> {
    this.#touched = true;
    const order = this.run.order(imageOrder());
    if (order.length === 0) return;
    const place = this.#imageIndex === null ? -1 : order.indexOf(this.#imageIndex);
    const next = Math.min(order.length - 1, Math.max(0, place + Math.trunc(delta)));
    if (next !== place) await this.#showImage(order[next]);
  }

  async #showImage(imageIndex: number): Promise<void> {
    await this.#sendImage(imageIndex);
    this.#remember(imageIndex);
  }

  #exampleShown(imageIndex: number): void {
    if (!this.#has(imageIndex)) return;
    this.#imageIndex = imageIndex;
    this.#remember(imageIndex);
  }

  #remember(imageIndex: number): void {
    this.services.lastImages.set(this.run.path, imageIndex);
    this.services.imageShown(this.run, imageIndex);
  }

  async #sendImage(imageIndex: number): Promise<void> {
    if (!this.#has(imageIndex))
      throw new RangeError(`run-file: image: expected an index in [0, ${this.run.numImages}), received ${imageIndex}`);
    const request = ++this.#request;
    this.#imageIndex = imageIndex;
    const summary = this.run.images[imageIndex];
    const [bytes, source] = await Promise.all([
      this.run.readImageBytes(imageIndex),
      this.services.images.of(summary.path, this.run.manifest.dataset.imageRoot),
    ]);
    if (request !== this.#request) return;
    if (source.outside !== undefined) this.services.images.folders.offer(source.outside);
    this.#post({
      kind: 'image',
      imageIndex,
      position: this.run.order(imageOrder()).indexOf(imageIndex),
      numImages: this.run.numImages,
      summary,
      imageUri: this.#uriOf(source.path),
      imageNote: source.note,
      bytes,
    });
  }

  async #sendRois(imageIndex: number): Promise<void> {
    if (this.#has(imageIndex))
      this.#post({ kind: 'rois', imageIndex, bytes: await this.run.readImageBytes(imageIndex) });
  }

  async #sendExamples(first: number): Promise<void> {
    if (!(Number.isInteger(first) && first >= 0 && first <= this.run.numImages)) return;
    const { offsets, bytes } = await this.run.readImagesBytes(first, MAX_EXAMPLES, MAX_EXAMPLE_BYTES);
    const shown = this.run.images.slice(first, first + offsets.length - 1);
    const uris = shown.map(({ path }) => this.#uriOf(this.services.images.asItIs(path)));
    this.#post({ kind: 'examples', first, offsets, bytes, uris, numImages: this.run.numImages });
  }

  /** A failure is an answer, too: the panel waits for one. */
  async #compare(a: MiningConfig, b: MiningConfig): Promise<void> {
    const failed = (error: unknown): RunComparison => ({
      a,
      b,
      total: null,
      numImages: 0,
      differing: [],
      error: messageOf(error),
    });
    const comparison = await this.services.actions.compareRun(this.run, a, b).catch(failed);
    this.#post({ kind: 'comparison', comparison });
  }

  async #runChanged(change: RunChange): Promise<void> {
    if (!this.#ready) return;
    switch (change) {
      case 'reloaded':
        this.#imageIndex = null;
        return this.#start(null);
      case 'order':
        return this.#showAgain();
      case 'images':
        if (this.#imageIndex === null) return this.#showImage(0);
        return this.#showAgainSoon();
      case 'progress':
        return this.#progressed();
    }
  }

  async #progressed(): Promise<void> {
    const { progress } = this.run;
    if (progress === null) return;
    this.#post({ kind: 'progress', progress });
    if (progress.state === 'running' || this.run.numImages === 0) return;
    if (this.#touched) await this.#showAgain();
    else await this.#showImage(this.run.order(imageOrder())[0]);
  }

  /** The image in sight has another place in the order now, or another number of images around it. */
  async #showAgain(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = undefined;
    if (this.#imageIndex !== null) await this.#sendImage(this.#imageIndex);
  }

  #showAgainSoon(): void {
    this.#again ??= setTimeout(() => void this.#guard(() => this.#showAgain()), GROWTH_MS);
  }

  #settingsChanged(event: vscode.ConfigurationChangeEvent): void {
    if (event.affectsConfiguration('ohemLens.imageOrder')) void this.#guard(() => this.#showAgain());
    if (event.affectsConfiguration('ohemLens')) this.#post({ kind: 'settings', settings: panelSettings() });
  }

  /** Messages to a webview out of sight would arrive twice: it asks again when it comes back. */
  #post(message: ToPanel): void {
    if (this.#ready) void this.panel.webview.postMessage(message);
  }

  #uriOf(path: string | null): string | null {
    return path === null ? null : this.panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
  }

  #setRoots(): void {
    const roots = this.services.images.roots.map((path) => vscode.Uri.file(path));
    this.panel.webview.options = { enableScripts: true, localResourceRoots: [this.services.assets, ...roots] };
  }

  async #foldersChanged(): Promise<void> {
    this.#setRoots();
    await this.#showAgain();
  }

  #html(): string {
    const { webview } = this.panel;
    const uri = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.services.assets, name)).toString();
    return panelHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('base64url'),
      scriptUri: uri('panel.js'),
      styleUri: uri('panel.css'),
      language: vscode.env.language,
      title: basename(this.run.path),
    });
  }
}
