/** The view "Hard Examples": runs, and under each its images, hardest first. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { hasNoFiniteLoss, mayTrain, numExpected } from '../../core/facts/run-manifest.js';
import type { ImageSummary, LossSource } from '../../core/facts/run-manifest.js';
import { presetText } from '../../core/mining/select.js';
import type { Task } from '../../core/tables.js';
import type { Decision } from '../../core/triage/decisions.js';
import { decisionOnImage } from '../../core/triage/placed-decisions.js';
import { orderValue } from '../../core/facts/image-orders.js';
import { messageOf } from '../base/log.js';
import type { DecisionBook, DecisionBooks } from './decision-book.js';
import type { Run } from './run.js';
import type { Runs } from './runs.js';
import { Scope } from '../base/scope.js';
import { imageOrder } from '../base/settings.js';
import type { ImageOrder } from '../../core/facts/image-orders.js';
import { plain } from '../base/speak.js';

export type TreeNode =
  | { readonly kind: 'run'; readonly path: string }
  | { readonly kind: 'image'; readonly path: string; readonly imageIndex: number }
  /** A line that is not there to be opened: a broken run's reason, images that are not listed. */
  | { readonly kind: 'remark'; readonly path: string; readonly text: string; readonly warning: boolean };

/** Images listed for a run: more than a person goes through, few enough for the view. */
export const MAX_LISTED = 2000;
/** A growing run redraws the view this often, ms. */
const REDRAW_MS = 500;

export const ORDER_TEXT: Record<ImageOrder, () => string> = {
  sum: () => vscode.l10n.t('by sum of selected losses'),
  mean: () => vscode.l10n.t('by mean of selected losses'),
  maximum: () => vscode.l10n.t('by maximum of selected losses'),
  entropy: () => vscode.l10n.t('by entropy'),
  mistakenness: () => vscode.l10n.t('by mistakenness of labels'),
};

export class ImageTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<TreeNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** One object a run, so that the view can be told which has changed. */
  readonly #runNodes = new Map<string, TreeNode>();
  /** Paths of runs whose listed examples are selected in part: of the others it goes without saying. */
  readonly #partlySelected = new Set<string>();
  readonly #runs: Runs;
  #redraw: NodeJS.Timeout | undefined;

  constructor(
    runs: Runs,
    private readonly decisions: DecisionBooks,
  ) {
    this.#runs = runs;
    this.#scope.add(runs.onDidChange(() => this.#redrawSoon()));
    this.#scope.add(decisions.onDidChange(() => this.#redrawSoon()));
    this.#scope.onDispose(() => clearTimeout(this.#redraw));
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined) return (await this.#runs.paths()).map((path) => this.runNode(path));
    if (node.kind !== 'run') return [];
    try {
      const run = await this.#runs.open(node.path);
      const listed = run.order(imageOrder()).subarray(0, MAX_LISTED);
      if (isPartlySelected(run, listed)) this.#partlySelected.add(node.path);
      else this.#partlySelected.delete(node.path);
      return imageNodes(run, listed);
    } catch (error) {
      return [{ kind: 'remark', path: node.path, text: messageOf(error), warning: true }];
    }
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.kind === 'run' ? undefined : this.runNode(node.path);
  }

  async getTreeItem(node: TreeNode): Promise<vscode.TreeItem> {
    if (node.kind === 'remark') return remarkItem(node.text, node.warning);
    const run = await this.#runs.peek(node.path);
    if (node.kind === 'run') return runItem(node.path, run);
    if (run === undefined) return remarkItem('', false);
    try {
      return imageItem(run, node.imageIndex, this.decisions.of(run.path), this.#partlySelected.has(node.path));
    } catch (error) {
      return remarkItem(messageOf(error), true);
    }
  }

  /** The node of an image where the view lists it. */
  findNode(run: Run, imageIndex: number): TreeNode | undefined {
    const listed = run.order(imageOrder()).subarray(0, MAX_LISTED).includes(imageIndex);
    return listed ? { kind: 'image', path: run.path, imageIndex } : undefined;
  }

  runNode(path: string): TreeNode {
    const known = this.#runNodes.get(path);
    if (known) return known;
    const node: TreeNode = { kind: 'run', path };
    this.#runNodes.set(path, node);
    return node;
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #redrawSoon(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.refresh();
    }, REDRAW_MS);
  }
}

/** Of a classification an image is one example, and either selected or not. */
function isPartlySelected({ images, manifest }: Run, listed: Int32Array): boolean {
  if (manifest.task !== 'classification') return false;
  const numSelected = images.column('numSelected');
  const isSelected = (imageIndex: number) => (numSelected[imageIndex] ?? 0) > 0;
  return listed.some(isSelected) && !listed.every(isSelected);
}

function imageNodes(run: Run, listed: Int32Array): TreeNode[] {
  const nodes: TreeNode[] = Array.from(listed, (imageIndex) => ({ kind: 'image', path: run.path, imageIndex }));
  const more = run.images.length - nodes.length;
  if (more > 0)
    nodes.push({
      kind: 'remark',
      path: run.path,
      text: vscode.l10n.t('{0} easier images are not listed', more),
      warning: false,
    });
  return nodes;
}

function remarkItem(text: string, warning: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(text));
  item.tooltip = plain(text);
  item.iconPath = new vscode.ThemeIcon(warning ? 'warning' : 'ellipsis');
  return item;
}

/** @param run undefined: not read yet. */
function runItem(path: string, run: Run | undefined): vscode.TreeItem {
  const expanded =
    run === undefined ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
  const item = new vscode.TreeItem(plain(basename(path, '.ohem')), expanded);
  item.id = path;
  item.iconPath = run === undefined ? new vscode.ThemeIcon('circle-outline') : runIcon(run);
  item.description = plain(run === undefined ? folderText(path) : runDescription(run));
  item.tooltip = plain(run === undefined ? path : runTooltip(run));
  item.contextValue = `run-${run === undefined ? 'unread' : stateOf(run)}`;
  // All of its examples are what it shows anyway: see the menus.
  if (run?.manifest.task === 'classification') item.contextValue += '-classification';
  if (run !== undefined && !mayTrain(run.manifest)) item.contextValue += '-untrainable';
  return item;
}

/** For menus: only a run that was mined can go on. */
function stateOf({ running, complete, manifest }: Run): string {
  if (running) return 'running';
  if (complete) return 'complete';
  return manifest.checkpoint === null ? 'cut' : 'partial';
}

/** The task by its shape; green, and said in words beside it: losses from training. */
function runIcon({ running, manifest }: Run): vscode.ThemeIcon {
  if (running) return new vscode.ThemeIcon('sync~spin');
  const colour = manifest.lossSource === 'training' ? new vscode.ThemeColor('charts.green') : undefined;
  return new vscode.ThemeIcon(TASK_ICON[manifest.task], colour);
}

const TASK_ICON: Record<Task, string> = { detection: 'target', classification: 'tag' };

/** The run's folder as seen from the workspace; '' for the workspace folder itself. */
function folderText(path: string): string {
  const folder = dirname(vscode.workspace.asRelativePath(path));
  return folder === '.' ? '' : folder;
}

/** How many images, and what is out of the ordinary; what most runs have in common stands in the tooltip. */
function runDescription(run: Run): string {
  const { manifest } = run;
  const expected = numExpected(manifest.dataset);
  const numImages = run.numImages < expected ? `${run.numImages}/${expected}` : `${run.numImages}`;
  const count =
    manifest.task === 'classification'
      ? vscode.l10n.t('{0} examples', numImages)
      : vscode.l10n.t('{0} images', numImages);
  const parts = [count];
  if (!run.running && !run.complete) parts.push(vscode.l10n.t('stopped early'));
  const numDamaged = run.gaps.damaged.length;
  if (numDamaged > 0) parts.push(vscode.l10n.t('{0} damaged', numDamaged));
  if (manifest.lossSource === 'training') parts.push(vscode.l10n.t('from training'));
  return parts.join(' · ');
}

const SOURCE_TEXT: Record<LossSource, () => string> = {
  proxy: () => vscode.l10n.t('offline proxy: frozen checkpoint'),
  training: () => vscode.l10n.t('losses from training'),
  predictions: () => vscode.l10n.t('offline proxy: detections of a file, without a checkpoint'),
};

function runTooltip(run: Run): string {
  const { task, checkpoint, backend, dataset, createdAt } = run.manifest;
  const what = task === 'classification' ? vscode.l10n.t('classification') : vscode.l10n.t('detection');
  return [
    run.path,
    checkpoint?.path,
    dataset.path,
    backend && `${backend.id} ${backend.version} · ${backend.device}`,
    `${what} · ${SOURCE_TEXT[run.manifest.lossSource]()}`,
    presetText(run.mining) + (run.hasOwnMining ? '' : ` · ${vscode.l10n.t('as set in the panel')}`),
    createdAt,
  ]
    .filter((line) => typeof line === 'string')
    .join('\n');
}

/** @param saysSelection whether it is selected stands beside its name, not only in the tooltip. */
function imageItem(run: Run, imageIndex: number, book: DecisionBook, saysSelection: boolean): vscode.TreeItem {
  const image = run.images.at(imageIndex);
  // The run was mined anew while the view still showed the one before.
  if (image === undefined) return remarkItem('', false);
  // The folder of an example is often its class.
  const name = run.manifest.task === 'classification' ? image.id : basename(image.id) || image.id;
  const item = new vscode.TreeItem(plain(name));
  item.id = `${run.path}#${imageIndex}`;
  item.contextValue = image.annotationPath === '' ? 'image' : 'image-annotated';
  item.command = {
    command: 'ohemLens.showImage',
    title: vscode.l10n.t('Show Image'),
    arguments: [run.path, imageIndex],
  };
  const about = image.error === '' ? imageDescription(image, saysSelection) : vscode.l10n.t('not measured');
  const decided = book.ofImage(image.id);
  const changed = run.hasChanged(imageIndex) ? vscode.l10n.t('changed since this run') : '';
  item.description = plain([changed, verdictText(decided), about].filter((part) => part !== '').join(' · '));
  const more = image.error === '' ? imageTooltip(image, run.manifest.task) : image.error;
  item.tooltip = plain([image.id, more, ...decided.map(decisionText)].join('\n'));
  item.iconPath =
    image.error === '' && !hasNoFiniteLoss(image)
      ? new vscode.ThemeIcon('file-media')
      : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return item;
}

/** The badge of decisions: the image's own verdict, and how many stand on what is in it. */
function verdictText(decided: readonly Decision[]): string {
  const own = decisionOnImage(decided);
  const numOthers = decided.length - (own === undefined ? 0 : 1);
  const parts = own === undefined ? [] : [`✓ ${own.verdict}`];
  if (numOthers > 0) parts.push(vscode.l10n.t('✓ {0} decided', numOthers));
  return parts.join(' ');
}

function decisionText({ verdict, note, by, object, roi }: Decision): string {
  const what = object ?? roi;
  return `✓ ${what === undefined ? '' : `${what.label}: `}${verdict}${note === '' ? '' : `: ${note}`} (${by})`;
}

function imageDescription(image: ImageSummary, saysSelection: boolean): string {
  if (hasNoFiniteLoss(image)) return vscode.l10n.t('no finite loss');
  const parts = [valueText(orderValue(image, imageOrder()), 2)];
  // What is much the same in all rows, as a detection's numbers of RoIs are, stands in the tooltip.
  if (saysSelection) parts.push(selectedText(image));
  if (image.numInvalid > 0) parts.push(vscode.l10n.t('{0} invalid', image.numInvalid));
  return parts.join(' · ');
}

/** An image is one example. */
function selectedText({ numSelected }: ImageSummary): string {
  return numSelected > 0 ? vscode.l10n.t('selected') : vscode.l10n.t('not selected');
}

/** A measure that is -1 is not known. */
function valueText(value: number, digits: number): string {
  return value < 0 ? '–' : value.toFixed(digits);
}

function imageTooltip(image: ImageSummary, task: Task): string {
  const measures = vscode.l10n.t(
    'entropy {0}, mistakenness {1}',
    valueText(image.entropy, 3),
    valueText(image.mistakenness, 3),
  );
  const losses = vscode.l10n.t(
    'selected losses: sum {0}, mean {1}, maximum {2}',
    image.lossSum.toFixed(3),
    image.lossMean.toFixed(3),
    image.lossMax.toFixed(3),
  );
  if (hasNoFiniteLoss(image))
    return vscode.l10n.t('no finite loss: {0} of {1} RoIs are NaN or infinite', image.numInvalid, image.numRois);
  if (task === 'classification') return [losses, measures, selectedText(image)].join('\n');
  const { numSelected, numRois, numForeground, numIgnored, numInvalid, numGts } = image;
  const counts = vscode.l10n.t(
    '{0} RoIs selected of {1}; {2} foreground, {3} ignored, {4} invalid',
    numSelected,
    numRois,
    numForeground,
    numIgnored,
    numInvalid,
  );
  return [losses, measures, counts, vscode.l10n.t('{0} ground truths', numGts)].join('\n');
}
