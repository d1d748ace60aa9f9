/** "Copy RoI Dump Writer…": the few lines that a training script needs to write its own losses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { showInformationMessage, showQuickPick } from '../base/speak.js';

/** An entry of media/dump-writers/index.json. */
export interface DumpWriter {
  readonly id: string;
  /** The framework. */
  readonly title: string;
  /** File name beside the index. */
  readonly file: string;
  /** Which version it was tried with, and how. */
  readonly triedWith: string;
}

export class DumpWriters {
  /** @param folder media/dump-writers. */
  constructor(private readonly folder: string) {}

  /**
   * Copies a writer to the clipboard and offers it as a new file.
   * @param id which; undefined: ask.
   * @returns its text; undefined where the person gave up.
   * @throws MiningError 'options' for an unknown id.
   */
  async copy(id?: string): Promise<string | undefined> {
    const writer = await this.#choose(id);
    if (writer === undefined) return undefined;
    const text = await readFile(join(this.folder, writer.file), 'utf8');
    await vscode.env.clipboard.writeText(text);
    void offerFile(writer, text);
    return text;
  }

  async #choose(id: string | undefined): Promise<DumpWriter | undefined> {
    const writers = JSON.parse(await readFile(join(this.folder, 'index.json'), 'utf8')) as DumpWriter[];
    if (id === undefined) return pickWriter(writers);
    const found = writers.find((writer) => writer.id === id);
    if (found === undefined)
      throw new MiningError(
        'options',
        'writer',
        said`one of ${writers.map((writer) => writer.id).join(', ')}`,
        show(id),
      );
    return found;
  }
}

async function pickWriter(writers: readonly DumpWriter[]): Promise<DumpWriter | undefined> {
  const items = writers.map((writer) => ({
    label: writer.title,
    detail: vscode.l10n.t('Tried: {0}', writer.triedWith),
    writer,
  }));
  const picked = await showQuickPick(items, {
    title: vscode.l10n.t('Copy RoI Dump Writer'),
    placeHolder: vscode.l10n.t('The framework that trains: the writer records the losses of all RoIs in every step'),
    matchOnDetail: true,
  });
  return picked?.writer;
}

async function offerFile({ title }: DumpWriter, content: string): Promise<void> {
  const open = vscode.l10n.t('Open as New File');
  const text = vscode.l10n.t('The writer for {0} is on the clipboard. Import its file with "Import RoI Dump…".', title);
  if ((await showInformationMessage(text, open)) !== open) return;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'python', content }));
}
