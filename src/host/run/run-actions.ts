/** What a person can do with a run that has been mined. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { imagePlace } from '../../core/facts/image-place.js';
import { numExpected } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { NONE } from '../../core/tables.js';
import type { MeasureChoices, RunComparison } from '../../protocol/panel-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import type { ImageFolders } from './image-folders.js';
import { changedAt, type Run } from './run.js';
import { localPath } from '../base/local-path.js';
import { showInformationMessage, showWarningMessage } from '../base/speak.js';

/** Images that a comparison names. */
const MAX_DIFFERING = 12;

/** Compares two definitions of "hard" over a whole run. */
export async function compareRun(
  engine: EngineService,
  run: Run,
  a: MiningConfig,
  b: MiningConfig,
): Promise<RunComparison> {
  const { total, images } = await engine.call('compareRun', { runPath: run.path, a, b });
  // The index keeps file order among images that agree alike.
  const differing = images
    .filter(({ overlap }) => overlap < 1)
    .sort((x, y) => x.overlap - y.overlap || x.imageIndex - y.imageIndex);
  const named = differing.slice(0, MAX_DIFFERING).map(({ imageIndex, id, overlap }) => ({ imageIndex, id, overlap }));
  return { a, b, total, numImages: images.length, differing: named, error: '' };
}

/** What a run can be measured by, and about how long its model would take: as long as when it was mined. */
export async function measureChoices(engine: EngineService, run: Run): Promise<MeasureChoices> {
  const { recipes } = await engine.call('recipes', {});
  const numImages = numExpected(run.manifest.dataset);
  const perSecond = run.progress?.imagesPerSecond ?? 0;
  const mined = perSecond > 0 ? run.numImages / perSecond : await secondsToLastWrite(run);
  return { recipes, numImages, seconds: mined > 0 ? (mined * numImages) / Math.max(run.numImages, 1) : null };
}

async function secondsToLastWrite({ path, manifest }: Run): Promise<number> {
  return ((await changedAt(path)) - Date.parse(manifest.createdAt)) / 1000;
}

/** Reads a run's whole file, in the engine process, and tells the run which of its images are damaged. */
export async function checkRun(engine: EngineService, run: Run): Promise<void> {
  if (run.running) return;
  const { schema } = run;
  const { damaged, isEndDamaged } = await engine.call('checkRun', { runPath: run.path });
  if (isEndDamaged && run.isLazy) await run.reload({ isChecked: true });
  // Another run may have come under that name meanwhile.
  if (Buffer.compare(schema, run.schema) === 0) run.setDamage(damaged);
}

/** Looks, in the engine process, for images that have changed on the disk, and tells the run. */
export async function findChanged(engine: EngineService, run: Run): Promise<void> {
  if (run.running || run.manifest.checkpoint === null) return;
  const { schema } = run;
  const { changed, gone } = await engine.call('changedOnDisk', { runPath: run.path });
  if (Buffer.compare(schema, run.schema) === 0) run.setChangedImages([...changed, ...gone]);
}

/** Asks where to, writes the whole images of a damaged run there, and opens them. */
export async function salvageRun(engine: EngineService, run: Run): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Salvage Whole Images As'),
    defaultUri: vscode.Uri.file(run.path.replace(/\.ohem$/i, '-salvaged.ohem')),
    filters: { [vscode.l10n.t('Runs')]: ['ohem'] },
  });
  if (target === undefined) return;
  // The dialog has asked whether to replace a file; the run that is read is refused in any case.
  const salvage = { runPath: run.path, outPath: target.fsPath, force: true };
  const { numKept, numLost } = await engine.call('salvage', salvage);
  await vscode.commands.executeCommand('ohemLens.openRun', target.fsPath);
  void showInformationMessage(
    vscode.l10n.t('{0} whole images written to {1}; {2} left out.', numKept, basename(target.fsPath), numLost),
  );
}

/** Opens the annotation file of an image beside the panel, at an object where one is given (NONE: the file only). */
export async function revealAnnotation(
  engine: EngineService,
  folders: ImageFolders,
  run: Run,
  imageIndex: number,
  annotation: number,
): Promise<void> {
  const path = run.images.at(imageIndex)?.annotationPath ?? '';
  if (path === '') throw new MiningError('run-file', said`image ${imageIndex}`, 'an annotation file', 'none');
  if (!(folders.allows(path) || (await folders.ask(dirname(path))))) return;
  const options = { viewColumn: vscode.ViewColumn.Beside, preview: true };
  const wanted = { format: run.manifest.dataset.kind, path, index: annotation };
  const { place } = annotation === NONE ? { place: null } : await engine.call('annotationPlace', wanted);
  const uri = vscode.Uri.file(path);
  if (place === null) return void (await vscode.commands.executeCommand('vscode.open', uri, options));
  const document = await vscode.workspace.openTextDocument(uri);
  const selection = new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
  await vscode.window.showTextDocument(document, { ...options, selection });
}

/** Opens the pixels in VS Code's own viewer. */
export async function openImage(folders: ImageFolders, run: Run, imageIndex: number): Promise<void> {
  const path = folders.placeOf(imagePath(run, imageIndex));
  if (!(folders.allows(path) || (await folders.ask(dirname(path))))) return;
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), vscode.ViewColumn.Beside);
}

/** Asks for the folder that holds an image now; the others of the run are then looked for beside it. */
export async function locateImages(folders: ImageFolders, run: Run, imageIndex: number): Promise<void> {
  const path = imagePath(run, imageIndex);
  const title = vscode.l10n.t('Locate Images: the folder that holds {0}', basename(path));
  const [uri] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title })) ?? [];
  if (uri === undefined) return;
  if (await folders.locate(path, localPath(uri))) return;
  const again = vscode.l10n.t('Locate Images…');
  const text = vscode.l10n.t('{0} is not in {1}, nor below it where it lay before.', basename(path), uri.fsPath);
  if ((await showWarningMessage(text, again)) === again) await locateImages(folders, run, imageIndex);
}

/** Absolute path of an image's pixels, as the run file says. @throws MiningError where the run does not know it. */
export function imagePath(run: Run, imageIndex: number): string {
  const image = run.images.at(imageIndex);
  const path = image === undefined ? '' : imagePlace(image, run.manifest.dataset);
  if (path === '') throw new MiningError('run-file', said`image ${imageIndex}`, 'a path of its pixels', 'none');
  return path;
}
