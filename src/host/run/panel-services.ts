import type { Memento, Uri } from 'vscode';
import type { AdviceFacts } from '../../core/advice/advice-facts.js';
import type { MeasureConfig } from '../../core/measure/measure-config.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { MeasureChoices, RunComparison } from '../../protocol/panel-messages.js';
import type { ExportScope, GalleryProgress } from '../../protocol/gallery-messages.js';
import type { GalleryProcess } from './gallery-process.js';
import type { DecisionBooks } from './decision-book.js';
import type { ImageSources } from './image-source.js';
import type { LastImages } from './last-images.js';
import type { Log } from '../base/log.js';
import type { Run } from './run.js';

/** What a person can ask of a run, from a panel, the tree or the palette. */
export interface RunActions {
  changeMining(run: Run, mining: MiningConfig): void;
  compareRun(run: Run, a: MiningConfig, b: MiningConfig): Promise<RunComparison>;
  advise(run: Run, mining: MiningConfig): Promise<AdviceFacts>;
  measureChoices(run: Run): Promise<MeasureChoices>;
  /** Asks, and mines the run's images anew by another measure. */
  measureAgain(run: Run, measure: MeasureConfig): Promise<void>;
  resume(run: Run): Promise<void>;
  stop(run: Run): void;
  /** Looks for damage in the whole file; the run then tells of it. */
  check(run: Run): Promise<void>;
  /** Looks for images that have changed on the disk since the run; it then tells of them. */
  findChanged(run: Run): Promise<void>;
  /** Mines images of a run anew in its place: these ids, or all that have changed since. */
  remine(run: Run, images: 'changed' | readonly string[]): Promise<void>;
  /** Writes the whole images of a damaged run as a new one and opens it. */
  salvage(run: Run): Promise<void>;
  /** @param what without `out`: ask where to; without `scope`: all that is selected. */
  exportSelection(
    run: Run,
    mining: MiningConfig,
    what?: { readonly out?: Uri; readonly scope?: ExportScope },
  ): Promise<void>;
  /** Copies a program that takes what is selected out of the run file. @param scope as of an export. */
  copyPython(run: Run, mining: MiningConfig, scope?: ExportScope): Promise<void>;
  /** @param annotation place in the annotation file as in `GtTable`; NONE: the file only. */
  revealAnnotation(run: Run, imageIndex: number, annotation: number): Promise<void>;
  openImage(run: Run, imageIndex: number): Promise<void>;
  /** Asks where the images are now. */
  locateImages(run: Run, imageIndex: number): Promise<void>;
}

/** What a panel needs of the house. */
export interface PanelServices {
  readonly log: Log;
  readonly images: ImageSources;
  readonly lastImages: LastImages;
  /** How the person has arranged panels is kept with the workspace. */
  readonly workspaceState: Memento;
  readonly decisions: DecisionBooks;
  readonly actions: RunActions;
  /** @param tell gets how far the run is read. */
  galleryOf(run: Run, tell: (progress: GalleryProgress) => void): GalleryProcess;
  /** Folder of the webview's bundle. */
  readonly assets: Uri;
  /** A panel has come to an image. */
  imageShown(run: Run, imageIndex: number): void;
}
