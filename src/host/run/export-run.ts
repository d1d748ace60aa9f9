/** What is taken out of a run: into files, or onto the clipboard. */
import { basename, extname } from 'node:path';
import * as vscode from 'vscode';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { VERDICT_IDS, type Verdict } from '../../core/triage/decisions.js';
import type { ExportScope } from '../../protocol/gallery-messages.js';
import type { ExportFormatFacts } from '../../protocol/worker-messages.js';
import { readDecisions } from '../../run/decisions/decisions.js';
import { listed } from '../base/listed.js';
import { backgroundBelow, imageOrder } from '../base/settings.js';
import { showInformationMessage, showQuickPick } from '../base/speak.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Run } from './run.js';

/**
 * Asks where to, and writes the selected RoIs of every image, or of those with a verdict that is asked for; or what
 * `scope` takes.
 * @param out where to, for callers that do not ask; its extension decides the format, the first one where it is none's.
 *   A file that exists is not replaced then.
 */
export async function exportSelection(
  engine: EngineService,
  run: Run,
  mining: MiningConfig,
  { out, scope }: { readonly out?: vscode.Uri; readonly scope?: ExportScope } = {},
): Promise<void> {
  const { formats } = await engine.call('exportFormats', {});
  const format = out === undefined ? await askFormat(formats) : formatOf(out, formats);
  if (format === undefined) return;
  const verdict = out === undefined && scope === undefined ? await askVerdict(run) : null;
  if (verdict === undefined) return;
  const target = out ?? (await askExportTarget(run, format));
  if (target === undefined) return;
  const { numRows } = await engine.call('exportSelection', {
    ...choiceOf(run, mining, scope),
    ...(verdict === null ? {} : { verdicts: [verdict] }),
    outPath: target.fsPath,
    // The dialog has asked.
    force: out === undefined,
    format: format.id,
  });
  const open = vscode.l10n.t('Open');
  void showInformationMessage(
    vscode.l10n.t('{0} selected RoIs written to {1}.', numRows, basename(target.fsPath)),
    open,
  ).then((picked) => picked === open && show(target, format));
}

/** Puts on the clipboard a program that takes the selected RoIs, or what `scope` takes, out of the run file. */
export async function copyPython(
  engine: EngineService,
  run: Run,
  mining: MiningConfig,
  scope?: ExportScope,
): Promise<void> {
  const { numRows, text } = await engine.call('exportText', { ...choiceOf(run, mining, scope), format: 'python' });
  await vscode.env.clipboard.writeText(text);
  void showInformationMessage(vscode.l10n.t('Copied as Python: {0} RoIs of {1}.', numRows, basename(run.path)));
}

function choiceOf(run: Run, mining: MiningConfig, scope: ExportScope | undefined) {
  const chosen = { runPath: run.path, mining, backgroundBelow: backgroundBelow(), order: imageOrder(), most: null };
  return { ...chosen, ...(scope === undefined ? {} : { scope }) };
}

/** A file in the editor; a folder where folders are looked at. */
function show(target: vscode.Uri, { extension }: ExportFormatFacts): Thenable<unknown> {
  const isInside = vscode.workspace.getWorkspaceFolder(target) !== undefined;
  const folders = isInside ? 'revealInExplorer' : 'revealFileInOS';
  return vscode.commands.executeCommand(extension === null ? folders : 'vscode.open', target);
}

async function askFormat(formats: readonly ExportFormatFacts[]): Promise<ExportFormatFacts | undefined> {
  const items = formats.map((format) => ({
    label: listed(format.title),
    description: format.extension === null ? vscode.l10n.t('a folder') : `.${format.extension}`,
    format,
  }));
  const title = vscode.l10n.t('Export Selected RoIs');
  const picked = await showQuickPick(items, { title, placeHolder: vscode.l10n.t('As what?') });
  return picked?.format;
}

/** The images of which verdict; asks only where somebody decided. @returns null: all; undefined: the person gave up. */
async function askVerdict(run: Run): Promise<Verdict | null | undefined> {
  const { decisions } = await readDecisions(run.path);
  const decided = VERDICT_IDS.flatMap((verdict) => {
    const { size } = new Set(decisions.filter((each) => each.verdict === verdict).map(({ image }) => image));
    return size === 0 ? [] : [{ label: listed(verdict), description: vscode.l10n.t('{0} images', size), verdict }];
  });
  if (decided.length === 0) return null;
  const all = { label: vscode.l10n.t('All images'), description: '', verdict: null };
  const title = vscode.l10n.t('Export Selected RoIs');
  const placeHolder = vscode.l10n.t('Of which images? A verdict: those where it stands on the image or in it.');
  return (await showQuickPick([all, ...decided], { title, placeHolder }))?.verdict;
}

/** The first format with the file's extension; the usual one where it is none's. */
function formatOf(out: vscode.Uri, formats: readonly ExportFormatFacts[]): ExportFormatFacts | undefined {
  const extension = extname(out.fsPath).slice(1).toLowerCase();
  return formats.find((each) => each.extension === extension) ?? formats[0];
}

/** A file, or the name of a new folder. */
function askExportTarget(run: Run, { id, title, extension }: ExportFormatFacts): Thenable<vscode.Uri | undefined> {
  const ending = extension === null ? `-${id}` : `-selected.${extension}`;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Selected RoIs'),
    defaultUri: vscode.Uri.file(run.path.replace(/\.ohem$/i, ending)),
    ...(extension === null ? {} : { filters: { [listed(title)]: [extension] } }),
  });
}
