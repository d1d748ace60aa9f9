/** "Compare Checkpoints Over Training…": how each example was learnt, from the runs of one training's checkpoints. */
import { dataDifference } from '../../core/facts/run-manifest.js';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { DynamicsAnswer } from '../../protocol/dynamics-answer.js';
import type { CliAnswer } from '../engine/cli-process.js';
import { showDynamicsList } from './dynamics-list.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Log } from '../base/log.js';
import type { RunEditors } from './run-editor.js';
import type { Run } from './run.js';
import type { Runs } from './runs.js';
import { showManyPick, showQuickPick, showWarningMessage, withProgress } from '../base/speak.js';

/** A list to go through, or a document. */
const FORMATS = ['list', 'csv', 'json'] as const;

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
    private readonly log: Log,
  ) {}

  /**
   * Shows area under the margin and forgetting events, as a list or as a new document.
   * @returns the text of `ohem dynamics`, CSV or JSON; undefined where the person gave up.
   * @throws MiningError 'options'; Error with the line of `ohem dynamics`.
   */
  async run(given?: Partial<CompareCheckpointsArguments>): Promise<string | undefined> {
    const chosen = given === undefined ? await this.#ask() : checkArguments(given);
    const answer = chosen && (await this.#dynamics(chosen));
    if (chosen === undefined || answer === undefined) return undefined;
    if (answer.notes.length > 0) void showWarningMessage(answer.notes.join(' '));
    return chosen.format === 'list' ? this.#list(chosen, answer.text) : showDocument(chosen.format, answer.text);
  }

  /** Examples open in the run of the last checkpoint. */
  async #list({ runs }: CompareCheckpointsArguments, text: string): Promise<string> {
    showDynamicsList(
      JSON.parse(text) as DynamicsAnswer,
      await this.runs.open(runs.at(-1) ?? ''),
      this.editors,
      this.log,
    );
    return text;
  }

  /** @returns undefined where the person has stopped it. */
  async #dynamics({ runs, format }: CompareCheckpointsArguments): Promise<CliAnswer | undefined> {
    const stop = new AbortController();
    return withProgress(vscode.l10n.t('Comparing checkpoints'), (_, token) => {
      token.onCancellationRequested(() => stop.abort());
      return this.engine
        .cli(['dynamics', '--format', format === 'csv' ? 'csv' : 'json', '--', ...runs], stop.signal)
        .catch((error: unknown) => {
          if (stop.signal.aborted) return undefined;
          throw error;
        });
    });
  }

  async #ask(): Promise<CompareCheckpointsArguments | undefined> {
    const like = this.editors.active?.run.manifest;
    const opened = await Promise.all(
      (await this.runs.paths()).map((path) => this.runs.open(path).catch(() => undefined)),
    );
    const items = inTrainingOrder(opened.filter((run) => run !== undefined)).map((run) => ({
      ...runItem(run),
      picked: like !== undefined && dataDifference(like, run.manifest) === null,
    }));
    const picked = await showManyPick(items, {
      title: vscode.l10n.t('Compare Checkpoints Over Training (1/2): Runs'),
      placeHolder: vscode.l10n.t('Runs of one training on the same data, in the order of their checkpoints’ names'),
      matchOnDetail: true,
    });
    if (picked === undefined || picked.length === 0) return undefined;
    const format = await showQuickPick(
      FORMATS.map((name) => ({ label: name === 'list' ? vscode.l10n.t('List') : name.toUpperCase(), name })),
      {
        title: vscode.l10n.t('Compare Checkpoints Over Training (2/2): Format'),
        placeHolder: vscode.l10n.t('Area under the margin and forgetting events, most suspicious example first'),
      },
    );
    // In the order of the list, whatever was ticked first.
    const runs = items.filter((item) => picked.includes(item)).map(({ path }) => path);
    return format && { runs, format: format.name };
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
    throw new MiningError('options', 'format', `one of ${FORMATS.join(', ')}`, show(format));
  return { runs, format };
}
