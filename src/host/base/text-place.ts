/** A line of a text that an error is about, and the button that opens it. */
import * as vscode from 'vscode';
import { MiningError } from '../../core/mining-error.js';

export interface TextPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Where the error is to be mended; null: it does not say. */
export function placeOf(error: unknown): TextPlace | null {
  if (!(error instanceof MiningError)) return null;
  const { file, line } = error.hint;
  return file === undefined || line === undefined ? null : { file, line };
}

/** The button's text. */
export const OPEN_PLACE = ({ line }: TextPlace) => vscode.l10n.t('Open Line {0}', line);

/** Opens the text at its line. */
export async function openPlace({ file, line }: TextPlace): Promise<void> {
  const selection = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection });
}
