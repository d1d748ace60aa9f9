/**
 * "Compare Checkpoints…" and "Compare Selected": runs of one data set in an editor, or how each example was learnt as a
 * document.
 */
import { dataDifference } from '../../core/facts/run-manifest.js';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { CliAnswer } from '../engine/cli-process.js';
import type { EngineService } from '../engine/engine-service.js';
import type { RunEditors } from '../run/run-editor.js';
import { canonicalPath, type Run } from '../run/run.js';
import type { Runs } from '../run/runs.js';
import type { CheckpointPanels } from './checkpoint-panels.js';
import { showManyPick, showQuickPick, showWarningMessage, withProgress } from '../base/speak.js';

/** The editor, or a document. */
const FORMATS = ['editor', 'csv', 'json'] as const;

const FORMAT_TEXT: Readonly<Record<(typeof FORMATS)[number], () => string>> = {
  editor: () => vscode.l10n.t('Editor'),
  csv: () => 'CSV',
  json: () => 'JSON',
};

/** Arguments of `ohemLens.compareCheckpoints` for other extensions, tasks and tests. */
export interface CompareCheckpointsArguments {
  /** Paths of run files, in the order of training. */
  readonly runs: readonly string[];
  readonly format: (typeof FORMATS)[number];
}

export class CompareCheckpoints {
  constructor(
    private readonly engine: EngineService,
    private readonly runs: Runs,
    private readonly editors: RunEditors,
    private readonly panels: CheckpointPanels,
  ) {}

  /**
   * Compares in the editor, or shows area under the margin and forgetting events as a new document.
   * @returns the text of `ohem dynamics`, CSV or JSON; undefined for the editor, and where the person gave up.
   * @throws MiningError 'options'; Error with the line of `ohem dynamics`.
   */
  async run(given?: Partial<CompareCheckpointsArguments>): Promise<string | undefined> {
    const chosen = given === undefined ? await this.#ask() : checkArguments(given);
    if (chosen === undefined) return undefined;
    if (chosen.format === 'editor') return void this.panels.show(chosen.runs.map(canonicalPath));
    const answer = await this.#dynamics(chosen.runs, chosen.format);
    if (answer === undefined) return undefined;
    if (answer.notes.length > 0) void showWarningMessage(answer.notes.join(' '));
    return showDocument(chosen.format, answer.text);
  }

  /** Compares the runs that are selected in the explorer or the view, in the order of training. */
  async compareSelected(paths: readonly string[]): Promise<void> {
    const runs = await Promise.all([...new Set(paths)].map((path) => this.runs.open(path)));
    const expected = vscode.l10n.t('at least two runs, selected together');
    if (runs.length < 2) throw new MiningError('options', 'runs', expected, String(runs.length));
    this.panels.show(inTrainingOrder(runs).map(({ path }) => path));
  }

  /** @returns undefined where the person has stopped it. */
  async #dynamics(runs: readonly string[], format: 'csv' | 'json'): Promise<CliAnswer | undefined> {
    const stop = new AbortController();
    return withProgress(vscode.l10n.t('Comparing checkpoints'), (_, token) => {
      token.onCancellationRequested(() => stop.abort());
      return this.engine.cli(['dynamics', '--format', format, '--', ...runs], stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return undefined;
        throw error;
      });
    });
  }

  async #ask(): Promise<CompareCheckpointsArguments | undefined> {
    const opened = await Promise.all(
      (await this.runs.paths()).map((path) => this.runs.open(path).catch(() => undefined)),
    );
    const runs = opened.filter((run) => run !== undefined);
    // Those of the data in sight are ticked, else of the newest run's.
    const newest = runs.toSorted((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt))[0];
    const like = (this.editors.active?.run ?? newest)?.manifest;
    const items = inTrainingOrder(runs).map((run) => ({
      ...runItem(run),
      picked: like !== undefined && dataDifference(like, run.manifest) === null,
    }));
    const picked = await showManyPick(items, {
      title: vscode.l10n.t('Compare Checkpoints (1/2): Runs'),
      placeHolder: vscode.l10n.t('Runs of one training on the same data, in the order of their checkpoints’ names'),
      matchOnDetail: true,
    });
    if (picked === undefined || picked.length === 0) return undefined;
    const format = await showQuickPick(
      FORMATS.map((name) => ({ label: FORMAT_TEXT[name](), name })),
      {
        title: vscode.l10n.t('Compare Checkpoints (2/2): Where'),
        placeHolder: vscode.l10n.t('An editor, or area under the margin and forgetting events as a document'),
      },
    );
    // In the order of the list, whatever was ticked first.
    const chosen = items.filter((item) => picked.includes(item)).map(({ path }) => path);
    return format && { runs: chosen, format: format.name };
  }
}

async function showDocument(format: 'csv' | 'json', text: string): Promise<string> {
  const content = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: format === 'json' ? 'json' : 'plaintext', content }),
  );
  return content;
}

function runItem({ path, manifest, numImages }: Run) {
  const count = vscode.l10n.t('{0} images', numImages);
  return {
    label: basename(path, '.ohem'),
    description: count,
    detail: vscode.workspace.asRelativePath(sourceOf(manifest)),
    path,
  };
}

/** What differs from run to run of a training: the checkpoint, or the dump of an epoch. */
function sourceOf({ checkpoint, dataset }: RunManifest): string {
  return checkpoint?.path ?? dataset.path;
}

/**
 * By the names of their checkpoints, `epoch-2` before `epoch-10`; those of one checkpoint by the time they were made.
 */
export function inTrainingOrder<T extends Pick<Run, 'manifest'>>(runs: readonly T[]): T[] {
  const byName = (a: T, b: T) => sourceOf(a.manifest).localeCompare(sourceOf(b.manifest), 'en', { numeric: true });
  return [...runs].sort((a, b) => byName(a, b) || a.manifest.createdAt.localeCompare(b.manifest.createdAt));
}

/** @throws MiningError 'options' */
function checkArguments({ runs, format = 'csv' }: Partial<CompareCheckpointsArguments>): CompareCheckpointsArguments {
  const isList = Array.isArray(runs) && runs.every((path) => typeof path === 'string');
  if (!isList) throw new MiningError('options', 'runs', 'paths of run files', show(runs));
  if (!FORMATS.includes(format))
    throw new MiningError('options', 'format', said`one of ${FORMATS.join(', ')}`, show(format));
  return { runs, format };
}
