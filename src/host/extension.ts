/** The composition root: builds the rooms' objects, ties them together, and frees them. Nothing native loads here. */
import * as vscode from 'vscode';
import type { InspectionState } from '../protocol/inspect-messages.js';
import { createBackendStatus } from './mine/backend-status.js';
import { registerCommands } from './commands.js';
import { registerAgentTools } from './run/agent-tools.js';
import { CheckpointPanels } from './checkpoints/checkpoint-panels.js';
import { CompareCheckpoints } from './checkpoints/compare-command.js';
import { DescribeCommand } from './wizard/describe-command.js';
import { DumpWriters } from './mine/dump-writers.js';
import { DecisionBooks } from './run/decision-book.js';
import { EngineService } from './engine/engine-service.js';
import { JobFollower } from './mine/follow-job.js';
import { GalleryProcess } from './run/gallery-process.js';
import { ImageFolders } from './run/image-folders.js';
import { ImageSources } from './run/image-source.js';
import { ImportCommand } from './mine/import-command.js';
import { DROP } from './run/drop-onto-view.js';
import { ImageTree, ORDER_TEXT, type TreeNode } from './run/image-tree.js';
import { LastImages } from './run/last-images.js';
import { Log, messageOf } from './base/log.js';
import { MineCommand } from './mine/mine-command.js';
import { MiningChanges } from './mine/mining-change.js';
import { MiningJobs } from './mine/mining-jobs.js';
import { offerNode } from './engine/offer-node.js';
import { copyPython, exportSelection } from './run/export-run.js';
import type { PanelServices } from './run/panel-services.js';
import {
  checkRun,
  compareRun,
  findChanged,
  locateImages,
  measureChoices,
  openImage,
  revealAnnotation,
  salvageRun,
} from './run/run-actions.js';
import { RunEditors } from './run/run-editor.js';
import { storedRunFolder } from './mine/run-place.js';
import type { Run } from './run/run.js';
import { tellRunMenus } from './run/run-menus.js';
import { Runs } from './run/runs.js';
import { AnnotationLenses, LabelProblems } from './run/annotation-lenses.js';
import { watchAnnotations } from './run/watch-annotations.js';
import { Scope } from './base/scope.js';
import { imageOrder } from './base/settings.js';
import { ShardsCommand } from './mine/shards-command.js';
import { SetupCommand } from './engine/setup-command.js';
import { createStatusBar } from './mine/status-bar.js';
import { TrainCommand } from './train/train-command.js';
import { TrainCompare } from './train/train-compare.js';
import { createTrainStatus } from './train/train-status.js';
import { Trainings } from './train/trainings.js';

/** What other extensions, and the tests in the extension host, may see. */
export interface OhemLensApi {
  /** The view "Hard Examples". */
  readonly tree: ImageTree;
  readonly trainings: Trainings;
  /** One entry for each panel: its run, and the image in sight. */
  panels(): readonly { readonly runPath: string; readonly ready: boolean; readonly imageIndex: number | null }[];
  /** One entry for each wizard: how its inspection stands. */
  wizards(): readonly InspectionState[];
  /** One entry for each comparison of checkpoints: its runs, and the examples that its page knows of. */
  comparisons(): readonly { readonly paths: readonly string[]; readonly numExamples: number }[];
  /** Milliseconds that activation took. */
  readonly activationMs: number;
}

export function activate(context: vscode.ExtensionContext): OhemLensApi {
  const startedAt = performance.now();
  const scope = new Scope();
  context.subscriptions.push(scope);

  // Build
  const log = scope.add(new Log());
  const offer = offerNode(context.globalState);
  const engine = scope.add(
    new EngineService(context.asAbsolutePath('dist'), context.globalStorageUri.fsPath, log, offer),
  );
  const runs = scope.add(new Runs(engine, storedRunFolder(context)));
  const jobs = scope.add(new MiningJobs(engine, runs, log));
  const changes = scope.add(new MiningChanges(engine, log));
  const decisions = scope.add(new DecisionBooks(log));
  const tree = scope.add(new ImageTree(runs, decisions));
  const view = scope.add(createView(tree));
  const trainings = scope.add(new Trainings(engine, context.workspaceState, log));
  const follower = new JobFollower(jobs, log);
  const folders = imageFolders(context);
  const mineCommand = new MineCommand(context, engine, jobs, follower, folders, log);
  const setupCommand = scope.add(new SetupCommand(engine, log));

  // Connect
  const services = panelServices(context, { log, engine, jobs, changes, folders, decisions, mineCommand, tree, view });
  const { actions, images, assets } = services;
  const editors = new RunEditors(runs, services, log);
  const openImage = (path: string, imageIndex: number) => editors.open(path, imageIndex);
  const comparer = new TrainCompare(engine, runs, jobs, mineCommand, log);
  const trainServices = { log, engine, images, runs, assets, openImage };
  const trainCommand = new TrainCommand(context, trainings, comparer, trainServices);
  const checkpoints = new CheckpointPanels({ log, engine, images, assets, openImage });
  const compareCheckpoints = new CompareCheckpoints(engine, runs, editors, checkpoints);
  const describeCommand = new DescribeCommand(context.extensionPath, { log, engine, images, assets });
  const dumpWriters = new DumpWriters(context.asAbsolutePath('media/dump-writers'));
  const asked = {
    docs: vscode.Uri.joinPath(context.extensionUri, 'docs'),
    mineCommand,
    describeCommand,
    setupCommand,
    importCommand: new ImportCommand(context, engine, jobs, follower, folders),
    shardsCommand: new ShardsCommand(runs, jobs, follower),
    trainCommand,
    compareCheckpoints,
    dumpWriters,
  };

  // Register
  scope.add(editors.register());
  scope.add(trainCommand.panels.register());
  scope.add(checkpoints.register());
  const problems = overAnnotations(scope, editors, { engine, runs, actions, log });
  scope.add(registerAgentTools(context, engine, runs));
  scope.add(createStatusBar(jobs));
  scope.add(createBackendStatus(jobs, engine));
  scope.add(vscode.Disposable.from(createTrainStatus(trainings), followOrder(view, tree), tellRunMenus(runs)));
  scope.add(registerCommands({ log, engine, runs, jobs, editors, tree, decisions, actions, problems, ...asked }));
  return {
    tree,
    trainings,
    panels: () => editors.panels.map(({ run, ready, imageIndex }) => ({ runPath: run.path, ready, imageIndex })),
    wizards: () => describeCommand.panels.map(({ state }) => state),
    comparisons: () => checkpoints.panels.map(({ paths, numExamples }) => ({ paths, numExamples })),
    activationMs: performance.now() - startedAt,
  };
}

function createView(tree: ImageTree): vscode.TreeView<TreeNode> {
  const options = { treeDataProvider: tree, showCollapseAll: true, canSelectMany: true, dragAndDropController: DROP };
  return vscode.window.createTreeView<TreeNode>('ohemLens.images', options);
}

/** What an open run says over its annotation files. @returns labels to check, for the commands. */
function overAnnotations(
  scope: Scope,
  editors: RunEditors,
  given: Pick<PanelSources, 'engine' | 'log'> & Pick<PanelServices, 'actions'> & { readonly runs: Runs },
): LabelProblems {
  const { engine, runs, actions, log } = given;
  scope.add(watchAnnotations(editors, actions));
  scope.add(new AnnotationLenses(engine, runs, editors, log));
  return scope.add(new LabelProblems(engine));
}

interface PanelSources {
  readonly log: Log;
  readonly engine: EngineService;
  readonly jobs: MiningJobs;
  readonly changes: MiningChanges;
  readonly folders: ImageFolders;
  readonly decisions: DecisionBooks;
  readonly mineCommand: MineCommand;
  readonly tree: ImageTree;
  readonly view: vscode.TreeView<TreeNode>;
}

/** What a run's panel needs of the house, and what a person can ask there. */
function panelServices(context: vscode.ExtensionContext, sources: PanelSources): PanelServices {
  const { log, engine, jobs, changes, folders, decisions, mineCommand, tree, view } = sources;
  return {
    log,
    images: new ImageSources(vscode.Uri.joinPath(context.globalStorageUri, 'converted').fsPath, engine, folders),
    lastImages: new LastImages(context.workspaceState),
    workspaceState: context.workspaceState,
    decisions,
    assets: vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview'),
    galleryOf: (run, tell) => new GalleryProcess(run, folders, engine, log, tell),
    imageShown: (run, imageIndex) => followInView(view, tree, run, imageIndex),
    actions: {
      changeMining: (run, mining) => changes.change(run, mining),
      compareRun: (run, a, b) => compareRun(engine, run, a, b),
      advise: async (run, mining) =>
        (await engine.call('adviseRun', { runPath: run.bytesPath, mining, most: null })).facts,
      measureChoices: (run) => measureChoices(engine, run),
      measureAgain: async (run, measure) => void (await mineCommand.measureAgain(run, measure)),
      resume: async (run) => void (await vscode.commands.executeCommand('ohemLens.resumeRun', run.path)),
      stop: (run) => void jobs.of(run.path)?.cancel(),
      check: (run) =>
        checkRun(engine, run)
          .then(() => findChanged(engine, run))
          .catch((error: unknown) => log.warning(messageOf(error))),
      findChanged: (run) => findChanged(engine, run).catch((error: unknown) => log.warning(messageOf(error))),
      remine: async (run, images) => void (await mineCommand.remine(run, images)),
      salvage: (run) => salvageRun(engine, run),
      exportSelection: (run, mining, what) => exportSelection(engine, run, mining, what),
      copyPython: (run, mining, scope) => copyPython(engine, run, mining, scope),
      revealAnnotation: (run, imageIndex, annotation) => revealAnnotation(engine, folders, run, imageIndex, annotation),
      openImage: (run, imageIndex) => openImage(folders, run, imageIndex),
      locateImages: (run, imageIndex) => locateImages(folders, run, imageIndex),
    },
  };
}

/** Folders whose pictures may be opened: the workspace's, ours, and what the person allows. */
function imageFolders(context: vscode.ExtensionContext): ImageFolders {
  return new ImageFolders(context.workspaceState, [context.asAbsolutePath('media/sample'), storedRunFolder(context)]);
}

/** The view marks the image in the panel, where the view is open and lists it. */
function followInView(view: vscode.TreeView<TreeNode>, tree: ImageTree, run: Run, imageIndex: number): void {
  if (!view.visible) return;
  const node = tree.findNode(run, imageIndex);
  // The view may be redrawn meanwhile and know the node no more; nothing is lost.
  if (node) view.reveal(node, { select: true, focus: false }).then(undefined, () => undefined);
}

/** The view says by what it is ordered, and follows the setting. */
function followOrder(view: vscode.TreeView<TreeNode>, tree: ImageTree): vscode.Disposable {
  const describe = () => (view.description = ORDER_TEXT[imageOrder()]());
  describe();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('ohemLens.imageOrder')) return;
    describe();
    tree.refresh();
  });
}
