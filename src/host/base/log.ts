import * as vscode from 'vscode';
import { MiningError } from '../../core/mining-error.js';
import { translate } from './listed.js';
import { showErrorMessage } from './speak.js';
import { docsPageOf, OPEN_DOCS, openDocs } from './docs.js';
import { OPEN_PLACE, openPlace, placeOf } from './text-place.js';

/** The extension's one log, and one way to tell a person that something went wrong. */
export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('OHEM Lens', { log: true });

  info(text: string): void {
    this.#channel.info(text);
  }

  warning(text: string): void {
    this.#channel.warn(text);
  }

  error(text: string): void {
    this.#channel.error(text);
  }

  show(): void {
    this.#channel.show(true);
  }

  /**
   * Logs an error and shows its one line with "Show Log" and the line of the text, or the page, that it is about; does
   * not wait for the person.
   */
  showError(error: unknown): void {
    const line = messageOf(error);
    this.error(error instanceof Error && error.stack !== undefined ? error.stack : line);
    const action = vscode.l10n.t('Show Log');
    const place = placeOf(error);
    const docs = docsPageOf(error);
    const open = place !== null ? [OPEN_PLACE(place)] : docs !== null ? [OPEN_DOCS()] : [];
    void showErrorMessage(line, ...open, action).then((picked) => {
      if (picked === action) this.show();
      else if (docs !== null && picked === OPEN_DOCS()) return openDocs(docs);
      else if (picked !== undefined && place !== null) return openPlace(place);
      return undefined;
    });
  }

  dispose(): void {
    this.#channel.dispose();
  }
}

/** One line for a person, in the editor's language. */
export function messageOf(error: unknown): string {
  if (error instanceof MiningError) return error.lineIn(translate);
  return error instanceof Error ? error.message : String(error);
}
