/** The pages of `docs/`, which come with the extension. */
import * as vscode from 'vscode';
import { anchorOf, type Term } from '../../core/facts/glossary.js';
import { MiningError, type MiningErrorCode } from '../../core/mining-error.js';

/** Pages that a person may want, by what they are about. */
export const DOCS: Readonly<Record<string, () => string>> = {
  'semantics.md': () => vscode.l10n.t('What mining means: losses, presets, statuses'),
  'checkpoints.md': () => vscode.l10n.t('Checkpoints, exports and contracts'),
  'annotations.md': () => vscode.l10n.t('Annotated images'),
  'measures.md': () => vscode.l10n.t('Measures and errors of detections'),
  'training.md': () => vscode.l10n.t('Training with hard examples'),
  'roi-dump.md': () => vscode.l10n.t('RoI dumps of a training'),
  'engines.md': () => vscode.l10n.t('Backends'),
  'glossary.md': () => vscode.l10n.t('Glossary: the words of the panel'),
  'cli.md': () => vscode.l10n.t('The command line'),
};

const PAGE_OF: Partial<Record<MiningErrorCode, string>> = {
  checkpoint: 'checkpoints.md',
  dataset: 'annotations.md',
  dump: 'roi-dump.md',
  engine: 'engines.md',
};

/** The page that says more about an error; null: none does. */
export function docsPageOf(error: unknown): string | null {
  return error instanceof MiningError ? (PAGE_OF[error.code] ?? null) : null;
}

/** The button's text. */
export const OPEN_DOCS = () => vscode.l10n.t('Open Documentation');

/** Shows the glossary at a term; undefined: at its beginning. */
export function openGlossary(term?: Term): Promise<void> {
  return openDocs(term === undefined ? 'glossary.md' : `glossary.md#${anchorOf(term)}`);
}

/** Shows a page as it reads. @param page its name, and `#` with a heading to go to. */
export async function openDocs(page: string): Promise<void> {
  await vscode.commands.executeCommand('ohemLens.openDocumentation', page);
}
