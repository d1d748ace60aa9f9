/** One webview on a run: sends facts and byte ranges, answers what the person does there. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { imagePlace } from '../../core/facts/image-place.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import type { Verdict } from '../../core/triage/decisions.js';
import type { DecidedPlace } from '../../core/triage/placed-decisions.js';
import type { Served } from '../../protocol/endpoint.js';
import {
  MAX_EXAMPLES,
  PANEL_REQUESTS,
  type ExamplesBatch,
  type ImageBytes,
  type PanelCommand,
  type PanelHost,
  type PanelView,
} from '../../protocol/panel-messages.js';
import type { GalleryItem, PanelItem } from '../../protocol/gallery-messages.js';
import { openGlossary } from '../base/docs.js';
import { Scope } from '../base/scope.js';
import { imageOrder, panelSettings } from '../base/settings.js';
import { WebviewPage } from '../base/webview-page.js';
import type { DecisionBook } from './decision-book.js';
import type { GalleryProcess } from './gallery-process.js';
import type { PanelServices } from './panel-services.js';
import type { Run, RunChange } from './run.js';

/** Most bytes of one `ExamplesBatch`. */
const MAX_EXAMPLE_BYTES = 32 << 20;
/** While a run grows, the panel hears this often of the shown image's new place, ms. */
const GROWTH_MS = 1000;
/** Key of the arrangement of panels in the workspace's state. */
const ARRANGEMENT = 'panelArrangement';

export class RunPanel implements vscode.Disposable {
  readonly #scope = new Scope();
  readonly #page: WebviewPage<PanelHost, PanelView>;
  #imageIndex: number | null = null;
  /** Wanted before the webview was ready. */
  #wanted: number | null = null;
  #wantedRow: { readonly imageIndex: number; readonly row: number } | null = null;
  /** The person has chosen an image here, or has begun to look at the one in sight. */
  #touched = false;
  /** The gallery was asked for before the webview was ready. */
  #wantsGallery: { readonly suspects: boolean } | null = null;
  readonly #gallery: GalleryProcess;
  readonly #book: DecisionBook;
  #again: NodeJS.Timeout | undefined;
  /** Counts images that were asked for: one that was overtaken is not sent. */
  #request = 0;

  constructor(
    readonly run: Run,
    readonly panel: vscode.WebviewPanel,
    private readonly services: PanelServices,
  ) {
    const { assets, images, log, workspaceState } = services;
    this.#gallery = this.#scope.add(
      services.galleryOf(run, (progress) => this.#page.tell('galleryProgress', progress)),
    );
    this.#page = new WebviewPage<PanelHost, PanelView>(panel, {
      assets,
      bundle: 'panel',
      title: basename(run.path),
      roots: () => images.roots,
      served: this.#served(),
      requests: PANEL_REQUESTS,
      log,
      kept: workspaceState.get(ARRANGEMENT, {}),
      notice: (text) => this.#page.tell('notice', { level: 'error', text }),
    });
    this.#scope.add(this.#page);
    this.#scope.add(images.folders.onDidAllow(() => void this.#page.guard(() => this.#foldersChanged())));
    this.#book = services.decisions.of(run.path);
    this.#scope.add(this.#book.onDidChange(() => this.#page.tell('decisions', this.#book.verdicts)));
    this.#scope.add(run.onDidChange((change) => void this.#page.guard(() => this.#runChanged(change))));
    void services.actions.check(run);
    this.#scope.add(vscode.workspace.onDidChangeConfiguration((event) => this.#settingsChanged(event)));
  }

  get ready(): boolean {
    return this.#page.ready;
  }

  /** The image in sight; null before the first. */
  get imageIndex(): number | null {
    return this.#imageIndex;
  }

  /** Goes to an image, and to a RoI of it, at once or as soon as the webview is there. */
  async show(imageIndex: number, row?: number): Promise<void> {
    this.#touched = true;
    this.#wantedRow = row === undefined ? null : { imageIndex, row };
    if (this.ready) await this.#showImage(imageIndex);
    else this.#wanted = imageIndex;
  }

  /**
   * Shows all items of the run, at once or as soon as the webview is there.
   * @param suspects labels to check.
   */
  showGallery(suspects: boolean): void {
    this.#wantsGallery = this.ready ? null : { suspects };
    this.#page.tell('showGallery', { suspects });
  }

  /** A verdict on a place; null: on what has the focus in the webview. */
  decide(place: DecidedPlace | null, verdict: Verdict | null): void {
    this.#page.tell('decide', { place, verdict });
  }

  /** Shows what looks most like a place; null: like what has the focus in the webview. */
  findSimilar(place: DecidedPlace | null): void {
    this.#page.tell('findSimilar', { place });
  }

  command(command: PanelCommand): void {
    this.#page.tell('command', { command });
  }

  dispose(): void {
    clearTimeout(this.#again);
    this.#scope.dispose();
  }

  #served(): Served<PanelHost> {
    const { run } = this;
    const { actions, log, workspaceState } = this.services;
    return {
      ready: ({ imageIndex }) => {
        this.#page.begin();
        return this.#start(imageIndex);
      },
      showImage: ({ imageIndex }) => {
        this.#touched = true;
        return this.#showImage(imageIndex);
      },
      stepImage: ({ delta }) => this.#step(delta),
      readRois: ({ imageIndex }) => {
        this.#summaryOf(imageIndex);
        return rowOfBatch(run, imageIndex);
      },
      readExamples: ({ first }) => this.#examplesFrom(first),
      exampleShown: ({ imageIndex }) => this.#exampleShown(imageIndex),
      arranged: ({ arrangement }) => void workspaceState.update(ARRANGEMENT, arrangement),
      touched: () => void (this.#touched = true),
      followNewest: () => {
        this.#touched = false;
        return this.#showAgain();
      },
      miningChanged: ({ mining }) => actions.changeMining(run, mining),
      compareRun: ({ a, b }) => actions.compareRun(run, a, b),
      advise: ({ mining }) => actions.advise(run, mining),
      measureChoices: () => actions.measureChoices(run),
      measureAgain: ({ measure }) => actions.measureAgain(run, measure),
      galleryQuery: ({ mining, query }, signal) => this.#gallery.query(mining, query, signal),
      galleryPage: async ({ mining, page }, signal) =>
        (await this.#gallery.page(mining, page, signal)).map((item) => this.#panelItem(item)),
      decide: ({ changes }) => this.#book.decide(changes),
      undoDecision: () => this.#book.undo(),
      redoDecision: () => this.#book.redo(),
      resume: () => actions.resume(run),
      cancel: () => actions.stop(run),
      salvage: () => actions.salvage(run),
      exportSelection: ({ mining, scope }) => actions.exportSelection(run, mining, { scope }),
      copyPython: ({ mining, scope }) => actions.copyPython(run, mining, scope),
      remine: ({ imageIndex }) =>
        actions.remine(run, imageIndex === null ? 'changed' : [this.#summaryOf(imageIndex).id]),
      reveal: ({ imageIndex, annotation }) => actions.revealAnnotation(run, imageIndex, annotation),
      openImage: ({ imageIndex }) => actions.openImage(run, imageIndex),
      locateImages: ({ imageIndex }) => actions.locateImages(run, imageIndex),
      openGlossary: ({ term }) => openGlossary(term ?? undefined),
      copy: async ({ text }) => vscode.env.clipboard.writeText(text),
      showLog: () => log.show(),
    };
  }

  async #start(imageIndex: number | null): Promise<void> {
    this.#sendRun();
    if (this.#wantsGallery !== null) this.showGallery(this.#wantsGallery.suspects);
    const first = [this.#wanted, imageIndex, this.#imageIndex, this.services.lastImages.get(this.run.path)].find((i) =>
      this.#has(i),
    );
    this.#wanted = null;
    if (this.run.numImages > 0) await this.#showImage(first ?? this.#hardest());
  }

  #sendRun(): void {
    const { manifest, schema, progress } = this.run;
    this.#page.tell('run', { manifest, schema, settings: panelSettings() });
    this.#tellGaps();
    this.#page.tell('decisions', this.#book.verdicts);
    if (progress) this.#page.tell('progress', { progress });
  }

  #tellGaps(): void {
    if (!this.run.running) this.#page.tell('gaps', this.run.gaps);
  }

  /** The first image in the order of the view. */
  #hardest(): number {
    return this.run.order(imageOrder())[0] ?? 0;
  }

  #has(imageIndex: number | null | undefined): imageIndex is number {
    return typeof imageIndex === 'number' && imageIndex >= 0 && imageIndex < this.run.numImages;
  }

  /** @throws RangeError where the run has no such image. */
  #summaryOf(imageIndex: number): ImageSummary {
    const summary = this.run.images.at(imageIndex);
    if (summary !== undefined) return summary;
    throw new RangeError(`run-file: image: expected an index in [0, ${this.run.numImages}), received ${imageIndex}`);
  }

  async #step(delta: number): Promise<void> {
    this.#touched = true;
    const order = this.run.order(imageOrder());
    if (order.length === 0) return;
    const place = this.#imageIndex === null ? -1 : order.indexOf(this.#imageIndex);
    const next = Math.min(order.length - 1, Math.max(0, place + delta));
    if (next !== place) await this.#showImage(order[next] ?? 0);
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
    const summary = this.#summaryOf(imageIndex);
    const { dataset } = this.run.manifest;
    this.#imageIndex = imageIndex;
    const request = ++this.#request;
    const [batch, source] = await Promise.all([
      rowOfBatch(this.run, imageIndex),
      this.services.images.of(imagePlace(summary, dataset), dataset.imageRoot),
    ]);
    if (request !== this.#request) return;
    if (source.outside !== undefined) this.services.images.folders.offer(source.outside);
    if (this.#wantedRow !== null) this.#page.tell('focusRoi', this.#wantedRow);
    this.#wantedRow = null;
    this.#page.tell('image', {
      imageIndex,
      position: this.run.order(imageOrder()).indexOf(imageIndex),
      numImages: this.run.numImages,
      summary,
      imageUri: this.#page.uriOf(source.path),
      imageNote: source.note,
      isElsewhere: source.isElsewhere === true,
      ...batch,
    });
  }

  async #examplesFrom(first: number): Promise<ExamplesBatch> {
    if (first > this.run.numImages) this.#summaryOf(first);
    const { places, bytes } = await this.run.readImagesBytes(first, MAX_EXAMPLES, MAX_EXAMPLE_BYTES);
    const shown = this.run.images.slice(first, first + places.length);
    const uris = shown.map((image) => this.#uriOf(image));
    return { first, places, bytes, uris, numImages: this.run.numImages };
  }

  #panelItem(item: GalleryItem): PanelItem {
    const { id = '', path = '', width = 0, height = 0 } = this.run.images.at(item.imageIndex) ?? {};
    return { ...item, id, width, height, uri: this.#uriOf({ id, path }) };
  }

  #uriOf(image: Pick<ImageSummary, 'id' | 'path'>): string | null {
    return this.#page.uriOf(this.services.images.asItIs(imagePlace(image, this.run.manifest.dataset)));
  }

  async #runChanged(change: RunChange): Promise<void> {
    if (change === 'reloaded') void this.services.actions.check(this.run);
    if (!this.ready) return;
    switch (change) {
      case 'reloaded':
        this.#imageIndex = null;
        return this.#start(null);
      case 'order':
        return this.#showAgain();
      case 'damage':
        this.#tellGaps();
        return this.#showAgain();
      case 'outdated':
      case 'deleted':
        return this.#tellGaps();
      case 'images':
        this.#tellGaps();
        if (this.#imageIndex === null) return this.#showImage(0);
        return this.#showAgainSoon();
      case 'progress':
        return this.#progressed();
    }
  }

  async #progressed(): Promise<void> {
    const { progress } = this.run;
    if (progress === null) return;
    this.#page.tell('progress', { progress });
    this.#tellGaps();
    if (progress.state === 'running' || this.run.numImages === 0) return;
    if (this.#touched) await this.#showAgain();
    else await this.#showImage(this.#hardest());
  }

  /**
   * The image in sight has another place in the order now, or another number of images around it. Of a dump that is
   * watched, the newest comes in its place, unless the person looks at one.
   */
  async #showAgain(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = undefined;
    if (this.run.watched && !this.#touched && this.run.numImages > 0) this.#imageIndex = this.run.numImages - 1;
    if (this.#imageIndex !== null) await this.#sendImage(this.#imageIndex);
  }

  #showAgainSoon(): void {
    this.#again ??= setTimeout(() => void this.#page.guard(() => this.#showAgain()), GROWTH_MS);
  }

  async #foldersChanged(): Promise<void> {
    this.#page.setRoots();
    this.#page.tell('galleryChanged', {});
    await this.#showAgain();
  }

  #settingsChanged(event: vscode.ConfigurationChangeEvent): void {
    if (event.affectsConfiguration('ohemLens.imageOrder')) void this.#page.guard(() => this.#showAgain());
    if (event.affectsConfiguration('ohemLens')) this.#page.tell('settings', { settings: panelSettings() });
  }
}

/** The record batch with an image, and the image's row in it. @throws as `readImageBytes` */
async function rowOfBatch(run: Run, imageIndex: number): Promise<ImageBytes> {
  const row = run.rowOf(imageIndex);
  return { bytes: await run.readImageBytes(imageIndex), row };
}
