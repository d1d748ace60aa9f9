/** The commands: what each does with what it was given. Titles and menus are package.json's. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { DOCS, openGlossary } from './base/docs.js';
import { listed } from './base/listed.js';
import { localPath } from './base/local-path.js';
import type { Term } from '../core/facts/glossary.js';
import { NONE } from '../core/tables.js';
import { VERDICTS, type Verdict } from '../core/triage/decisions.js';
import { PANEL_COMMANDS, type PanelPlace } from '../protocol/panel-messages.js';
import { askOtherBackend, chooseBackend } from './engine/choose-backend.js';
import type { CompareCheckpoints, CompareCheckpointsArguments } from './checkpoints/compare-command.js';
import type { DecisionBooks } from './run/decision-book.js';
import type { DescribeArguments, DescribeCommand } from './wizard/describe-command.js';
import type { DumpWriters } from './mine/dump-writers.js';
import type { EngineService } from './engine/engine-service.js';
import type { ImportArguments, ImportCommand } from './mine/import-command.js';
import { ORDER_TEXT, type ImageTree, type TreeNode } from './run/image-tree.js';
import type { Log } from './base/log.js';
import type { MineArguments, MineCommand } from './mine/mine-command.js';
import type { MiningJobs } from './mine/mining-jobs.js';
import type { RunActions } from './run/panel-services.js';
import type { LabelProblems } from './run/annotation-lenses.js';
import { imagePath } from './run/run-actions.js';
import type { RunEditors } from './run/run-editor.js';
import { canResume } from './run/run-menus.js';
import { canonicalPath, type Run } from './run/run.js';
import type { Runs } from './run/runs.js';
import { imageOrder } from './base/settings.js';
import { SECTION } from './base/settings-schema.js';
import { mayRunModels } from './base/trust.js';
import { IMAGE_ORDER_IDS } from '../core/facts/image-orders.js';
import type { ShardsArguments, ShardsCommand } from './mine/shards-command.js';
import type { SetupArguments, SetupCommand } from './engine/setup-command.js';
import type { TrainArguments, TrainCommand } from './train/train-command.js';
import { showInformationMessage, showQuickPick } from './base/speak.js';

export interface CommandServices {
  readonly log: Log;
  /** Folder of the documentation. */
  readonly docs: vscode.Uri;
  readonly engine: EngineService;
  readonly setupCommand: SetupCommand;
  readonly runs: Runs;
  readonly jobs: MiningJobs;
  readonly editors: RunEditors;
  readonly tree: ImageTree;
  readonly decisions: DecisionBooks;
  readonly actions: RunActions;
  readonly problems: LabelProblems;
  readonly mineCommand: MineCommand;
  readonly describeCommand: DescribeCommand;
  readonly dumpWriters: DumpWriters;
  readonly importCommand: ImportCommand;
  readonly shardsCommand: ShardsCommand;
  readonly compareCheckpoints: CompareCheckpoints;
  readonly trainCommand: TrainCommand;
}

/**
 * What a command may be given: a node of the view, a run's path or Uri, a place in the panel in front, or nothing (then
 * that panel).
 */
type Target = TreeNode | string | vscode.Uri | PanelPlace | undefined;
type Handler = (...args: never[]) => unknown;

/** Registers every command; a failing one shows its line with "Show Log". */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const handlers: Record<string, Handler> = {
    ...mineCommands(services),
    ...backendCommands(services),
    ...trainingCommands(services),
    ...trainCommands(services),
    ...panelCommands(services),
    ...runCommands(services),
    ...imageCommands(services),
    ...decisionCommands(services),
  };
  const registered = Object.entries(handlers).map(([name, handler]) =>
    vscode.commands.registerCommand(`${SECTION}.${name}`, async (...args: never[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        services.log.showError(error);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

function mineCommands({
  mineCommand,
  shardsCommand,
  describeCommand,
  jobs,
  log,
  docs,
  runs,
  engine,
  ...services
}: CommandServices): Record<string, Handler> {
  return {
    // The view's title button passes the node that has the focus.
    mine: (given?: Partial<MineArguments> | TreeNode | vscode.Uri) =>
      given instanceof vscode.Uri
        ? mineCommand.mine(undefined, localPath(given))
        : mineCommand.mine(given === undefined || 'kind' in given ? undefined : given),
    openShardedRun: (given?: Partial<ShardsArguments> | TreeNode | vscode.Uri) =>
      given instanceof vscode.Uri
        ? shardsCommand.run(undefined, localPath(given))
        : shardsCommand.run(given === undefined || 'kind' in given ? undefined : given),
    mineSample: () => mineCommand.mineSample(),
    describeCheckpoint: (given?: Partial<DescribeArguments> | TreeNode) =>
      describeCommand.run(given === undefined || 'kind' in given ? undefined : given),
    showLog: () => log.show(),
    openDocumentation: (page?: string | TreeNode) => showDocs(docs, typeof page === 'string' ? page : undefined),
    // A page's menu passes what it was opened on.
    openGlossary: (place?: { readonly term?: Term }) => openGlossary(place?.term),
    async mineWithOtherBackend(target: Target, backend?: string) {
      const run = await runOf({ ...services, runs }, target);
      const other = run && (backend ?? (await askOtherBackend(engine, run.manifest.backend?.id ?? '')));
      return run && other && mineCommand.mineOn(run, other);
    },
    async resumeRun(target: Target) {
      const run = await runOf({ ...services, runs }, target);
      const following = run && shardsCommand.resume(run);
      if (following !== undefined) return following;
      if (run === undefined || run.running || canResume(run)) return run && mineCommand.resume(run);
      return tellWhole(run);
    },
    async stopMining(target: Target) {
      const path = pathOf(target);
      const meant = jobs.running.filter((job) => job.request.outPath === path);
      // The title button's node need not be of a run that is being mined.
      const all = meant.length === 0 && (target === undefined || isNode(target));
      await Promise.all((all ? jobs.running : meant).map((job) => job.cancel()));
    },
  };
}

/**
 * The menu of a file that was not read yet offers to resume it: why that cannot be, and what can be done instead. Does
 * not wait for the person.
 */
function tellWhole({ path, manifest, numImages }: Run): void {
  const [open, again] = [vscode.l10n.t('Open Run'), vscode.l10n.t('Import RoI Dump…')];
  const name = basename(path);
  const isMined = manifest.checkpoint !== null;
  const text = isMined
    ? vscode.l10n.t('{0} has all of its {1} images: there is nothing to resume.', name, numImages)
    : vscode.l10n.t('{0} holds the losses of a dump: import the dump again to have the rest of it.', name);
  void showInformationMessage(text, ...(isMined ? [open] : [open, again])).then((picked) => {
    if (picked === open) void vscode.commands.executeCommand('ohemLens.openRun', path);
    if (picked === again) void vscode.commands.executeCommand('ohemLens.importDump');
  });
}

function backendCommands({ engine, setupCommand }: CommandServices): Record<string, Handler> {
  return {
    chooseBackend: (id?: string | TreeNode) => chooseBackend(engine, typeof id === 'string' ? id : undefined),
    setUpBackend: (given?: Partial<SetupArguments> | TreeNode) =>
      setupCommand.run(given === undefined || 'kind' in given ? undefined : given),
    removeBackend: (given?: { readonly consent?: boolean }) => setupCommand.remove(given?.consent === true),
  };
}

function trainingCommands({
  dumpWriters,
  importCommand,
  compareCheckpoints,
}: CommandServices): Record<string, Handler> {
  return {
    importDump: (given?: Partial<ImportArguments> | TreeNode | vscode.Uri) =>
      given instanceof vscode.Uri
        ? importCommand.run(undefined, false, localPath(given))
        : importCommand.run(given === undefined || 'kind' in given ? undefined : given),
    watchDump: (given?: Partial<ImportArguments> | TreeNode) =>
      importCommand.run(given === undefined || 'kind' in given ? undefined : given, true),
    compareCheckpoints: (given?: Partial<CompareCheckpointsArguments> | TreeNode) =>
      compareCheckpoints.run(given === undefined || 'kind' in given ? undefined : given),
    // Menus pass the item that was clicked, then all that are selected.
    compareSelected: (clicked: Target, selected?: readonly Target[]) =>
      compareCheckpoints.compareSelected((selected ?? [clicked]).flatMap((each) => pathOf(each) ?? [])),
    copyDumpWriter: (id?: string | TreeNode) => dumpWriters.copy(typeof id === 'string' ? id : undefined),
  };
}

function trainCommands({ trainCommand, ...services }: CommandServices): Record<string, Handler> {
  return {
    async train(given: Target | Partial<TrainArguments>) {
      const isArguments = typeof given === 'object' && 'run' in given;
      const run = await runOf(services, isArguments ? given.run : (given as Target));
      return run && trainCommand.train(run, isArguments ? given : undefined);
    },
    // The view's title button passes the node that has the focus.
    showTraining: (out?: string | TreeNode) => trainCommand.show(typeof out === 'string' ? out : undefined),
    stopTraining: (out?: string) => trainCommand.stop(out),
    resumeTraining: (out?: string, epochs?: number) => trainCommand.resume(out, epochs),
    compareWithBefore: (out?: string) => trainCommand.compare(out),
  };
}

function runCommands(services: CommandServices): Record<string, Handler> {
  const { runs, editors, tree, actions } = services;
  return {
    async openRun(target: Target) {
      const path = pathOf(target) ?? (await askRun(runs));
      if (path !== undefined) await editors.open(path);
    },
    async allExamples(target: Target) {
      const run = await runOf(services, target);
      if (run) await editors.openGallery(run.path);
    },
    async showLabelProblems(target: Target) {
      const run = await runOf(services, target);
      return run && services.problems.show(run);
    },
    hideLabelProblems: () => services.problems.clear(),
    refreshRuns: () => runs.refresh(),
    orderImages: () => askOrder(tree),
    async exportSelection(target: Target, out?: vscode.Uri) {
      const isTold = out instanceof vscode.Uri;
      const panel = isTold ? undefined : panelOf(editors, target);
      if (panel !== undefined) return panel.command('exportSelection');
      const run = await runOf(services, target);
      if (run) await actions.exportSelection(run, run.mining, isTold ? { out } : {});
    },
    async copyPython(target: Target) {
      const panel = panelOf(editors, target);
      if (panel !== undefined) return panel.command('copyPython');
      const run = await runOf(services, target);
      if (run) await actions.copyPython(run, run.mining);
    },
  };
}

function imageCommands(services: CommandServices): Record<string, Handler> {
  const { editors, actions, mineCommand } = services;
  return {
    showImage: (path: string, imageIndex: number, row?: number) => editors.open(path, imageIndex, row),
    async copyImagePath(target: Target) {
      const image = await imageOf(services, target);
      if (image) await vscode.env.clipboard.writeText(imagePath(image.run, image.imageIndex));
    },
    async openImageFile(target: Target) {
      const image = await imageOf(services, target);
      if (image) await actions.openImage(image.run, image.imageIndex);
    },
    async locateImages(target: Target) {
      const image = await imageOf(services, target);
      if (image) await actions.locateImages(image.run, image.imageIndex);
    },
    async remineImage(target: Target) {
      const image = await imageOf(services, target);
      const id = image?.run.images.at(image.imageIndex)?.id;
      return image && id !== undefined ? mineCommand.remine(image.run, [id]) : undefined;
    },
    async remineChanged(target: Target) {
      const run = await runOf(services, target);
      return run && mineCommand.remine(run, 'changed');
    },
    async revealAnnotation(target: Target) {
      const image = await imageOf(services, target);
      if (image) await actions.revealAnnotation(image.run, image.imageIndex, image.annotation);
    },
  };
}

function decisionCommands(services: CommandServices): Record<string, Handler> {
  const { editors, decisions } = services;
  return {
    async checkLabels(target: Target) {
      const run = await runOf(services, target);
      if (run) await editors.openGallery(run.path, true);
    },
    findSimilar(target: Target) {
      if (mayRunModels()) editors.active?.findSimilar(target !== undefined && isPlace(target) ? target : null);
    },
    async decide(target: Target, given?: Verdict) {
      const verdict = given ?? (await askVerdict());
      if (verdict === undefined) return;
      if (!isNode(target))
        return editors.active?.decide(target !== undefined && isPlace(target) ? target : null, verdict);
      if (target.kind !== 'image') return;
      const run = await services.runs.open(target.path);
      const image = run.images.at(target.imageIndex)?.id;
      if (image === undefined) return;
      await decisions.of(run.path).decide([{ target: { image }, decision: verdict && { verdict, note: '' } }]);
    },
  };
}

/** null: take the own one back; undefined: nothing was picked. */
async function askVerdict(): Promise<Verdict | null | undefined> {
  const items = VERDICTS.map(({ id, says }) => ({ label: listed(id), description: listed(says), verdict: id }));
  const back = { label: vscode.l10n.t('Take the own verdict back'), description: '', verdict: null };
  return (await showQuickPick([...items, back], { placeHolder: vscode.l10n.t('Verdict') }))?.verdict;
}

function panelCommands({ editors }: CommandServices): Record<string, Handler> {
  return Object.fromEntries(PANEL_COMMANDS.map((command) => [command, () => editors.active?.command(command)]));
}

function pathOf(target: Target): string | undefined {
  if (typeof target === 'string') return canonicalPath(target);
  if (target instanceof vscode.Uri) return canonicalPath(localPath(target));
  return isNode(target) ? canonicalPath(target.path) : undefined;
}

type RunSources = Pick<CommandServices, 'runs' | 'editors'>;

/** The run meant: the one given, else the panel's in front, else the one picked. */
async function runOf({ runs, editors }: RunSources, target: Target): Promise<Run | undefined> {
  const path = pathOf(target) ?? editors.active?.run.path ?? (await askRun(runs));
  return path === undefined ? undefined : runs.open(path);
}

/** The panel in front, where nothing else is meant: what it shows is what is taken out of its run. */
export function panelOf(editors: Pick<RunEditors, 'active'>, target: Target): RunEditors['active'] {
  const path = pathOf(target);
  const isMeant = !isNode(target) && (path === undefined || path === editors.active?.run.path);
  return isMeant ? editors.active : undefined;
}

function isPlace(target: Target): target is PanelPlace {
  return typeof target === 'object' && 'annotation' in target;
}

function isNode(target: Target): target is TreeNode {
  return typeof target === 'object' && 'kind' in target;
}

/** The image meant: the node's, else the one in the panel in front; NONE: no object of it. */
async function imageOf(
  { runs, editors }: RunSources,
  target: Target,
): Promise<({ readonly run: Run } & Pick<PanelPlace, 'imageIndex' | 'annotation'>) | undefined> {
  if (isNode(target) && target.kind === 'image')
    return { run: await runs.open(target.path), imageIndex: target.imageIndex, annotation: NONE };
  const panel = editors.active;
  if (panel && isPlace(target)) return { run: panel.run, imageIndex: target.imageIndex, annotation: target.annotation };
  if (panel && panel.imageIndex !== null) return { run: panel.run, imageIndex: panel.imageIndex, annotation: NONE };
  void showInformationMessage(vscode.l10n.t('Open an image of a run first.'));
  return undefined;
}

async function askRun(runs: Runs): Promise<string | undefined> {
  const items = (await runs.paths()).map((path) => ({
    label: basename(path),
    description: vscode.workspace.asRelativePath(path),
    path,
  }));
  const browse = { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, description: '', path: undefined };
  const picked =
    items.length === 0
      ? browse
      : await showQuickPick([...items, browse], { placeHolder: vscode.l10n.t('A run (*.ohem)') });
  if (picked === undefined || picked.path !== undefined) return picked?.path;
  const [uri] = (await vscode.window.showOpenDialog({ filters: { [vscode.l10n.t('Runs')]: ['ohem'] } })) ?? [];
  return uri && localPath(uri);
}

async function askOrder(tree: ImageTree): Promise<void> {
  const now = imageOrder();
  const items = IMAGE_ORDER_IDS.map((order) => ({
    label: ORDER_TEXT[order](),
    picked: order === now,
    description: order === now ? vscode.l10n.t('now') : '',
    order,
  }));
  const picked = await showQuickPick(items, { placeHolder: vscode.l10n.t('Hardest images first…') });
  if (picked === undefined) return;
  const { workspaceFolders } = vscode.workspace;
  const target =
    workspaceFolders === undefined ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration(SECTION).update('imageOrder', picked.order, target);
  tree.refresh();
}

/** Shows a page of the documentation, or asks which. */
async function showDocs(docs: vscode.Uri, given: string | undefined): Promise<void> {
  const items = Object.entries(DOCS).map(([page, about]) => ({ label: about(), description: page, page }));
  const page =
    given ?? (await showQuickPick(items, { placeHolder: vscode.l10n.t('What do you want to read about?') }))?.page;
  if (page === undefined) return;
  const [name = '', fragment = ''] = page.split('#');
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(docs, name).with({ fragment }));
}
