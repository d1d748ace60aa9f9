/** Over an annotation file: what an open run says about its objects, and the way back to them. */
import * as vscode from 'vscode';
import type { AnnotationMark, LabelSuspectMark } from '../../protocol/worker-messages.js';
import { localPath } from '../base/local-path.js';
import type { Log } from '../base/log.js';
import { messageOf } from '../base/log.js';
import { plain, showInformationMessage } from '../base/speak.js';
import { Scope } from '../base/scope.js';
import { backgroundBelow } from '../base/settings.js';
import type { EngineService } from '../engine/engine-service.js';
import { canonicalPath, type Run } from './run.js';
import type { Runs } from './runs.js';
import type { RunEditors } from './run-editor.js';
import { annotationFile, isAnnotatedBy } from './watch-annotations.js';

/** Longer texts get no lenses: VS Code asks for them again and again. UTF-16 units. */
const MAX_LENGTH = 2 ** 20;

/** Lenses of the runs whose panels are open; a text that is being edited has none until it is saved. */
export class AnnotationLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(
    private readonly engine: EngineService,
    runs: Pick<Runs, 'onDidChange'>,
    private readonly editors: RunEditors,
    private readonly log: Log,
  ) {
    const files = ['json', 'jsonl', 'xml', 'txt', 'csv'].map((type) => ({ scheme: 'file', pattern: `**/*.${type}` }));
    this.#scope.add(vscode.languages.registerCodeLensProvider(files, this));
    this.#scope.add(vscode.workspace.onDidSaveTextDocument(() => this.#changed.fire()));
    this.#scope.add(editors.onDidChangePanels(() => this.#changed.fire()));
    // Mined anew, replaced, or under other options: the lenses that stand there are not its own.
    this.#scope.add(runs.onDidChange((run) => run?.running === false && this.#changed.fire()));
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const run = document.isDirty ? undefined : this.#runOf(document);
    if (run === undefined) return [];
    if (document.getText().length > MAX_LENGTH)
      return [sayAtTop(vscode.l10n.t('OHEM Lens: no losses beside the objects of so large a file'))];
    const path = canonicalPath(localPath(document.uri));
    const file = annotationFile(run, path);
    if (file === undefined) return [];
    const asked = { runPath: run.path, file, mining: run.mining, backgroundBelow: backgroundBelow() };
    try {
      const { marks, isNewer } = await this.engine.call('annotationMarks', asked);
      return isNewer ? [newerLens(run)] : marks.map((mark) => markLens(run, mark));
    } catch (error) {
      this.log.warning(messageOf(error));
      return [];
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #runOf(document: vscode.TextDocument): Run | undefined {
    const path = canonicalPath(localPath(document.uri));
    return this.editors.panels.map(({ run }) => run).find((run) => !run.running && isAnnotatedBy(run, path));
  }
}

function markLens(run: Run, { range, imageIndex, row, ...mark }: AnnotationMark): vscode.CodeLens {
  const { loss, rank, numSelected, label, predicted } = mark;
  const facts = [
    vscode.l10n.t('loss {0}', loss.toFixed(2)),
    vscode.l10n.t('rank {0} of {1}', rank, numSelected),
    plain(`${label} → ${predicted ?? '–'}`),
  ];
  return new vscode.CodeLens(rangeOf(range), {
    title: facts.join(' · '),
    command: 'ohemLens.showImage',
    arguments: [run.path, imageIndex, row],
  });
}

function newerLens(run: Run): vscode.CodeLens {
  const title = vscode.l10n.t('OHEM Lens: changed since this run. Re-mine What Changed');
  return new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
    title,
    command: 'ohemLens.remineChanged',
    arguments: [run.path],
  });
}

function sayAtTop(title: string): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), { title, command: '' });
}

/** Labels to check as problems, when a person asks for those of a run. */
export class LabelProblems implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('ohem-lens');

  constructor(private readonly engine: EngineService) {}

  /** Shows a run's labels to check in place of any others that are shown. */
  async show(run: Run): Promise<number> {
    const { marks } = await this.engine.call('suspectMarks', { runPath: run.path });
    this.clear();
    // Those of one file are put together.
    this.#collection.set(marks.map((mark) => [vscode.Uri.file(mark.file), [problemOf(mark)]]));
    void showInformationMessage(vscode.l10n.t('{0} labels to check are in Problems.', marks.length));
    return marks.length;
  }

  clear(): void {
    this.#collection.clear();
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

const KIND_TEXT: Record<LabelSuspectMark['kind'], () => string> = {
  disagreement: () => vscode.l10n.t('a sure prediction of another class'),
  swapped: () => vscode.l10n.t('a sure prediction of another class'),
  overlooked: () => vscode.l10n.t('a sure prediction without a label'),
  missing: () => vscode.l10n.t('a sure prediction without a label'),
  'badly-located': () => vscode.l10n.t('badly located'),
  duplicate: () => vscode.l10n.t('a label of the same object stands beside it'),
};

function problemOf({ range, kind, label, predicted, score }: LabelSuspectMark): vscode.Diagnostic {
  const prediction = predicted === null ? '' : ` → ${predicted}${score === null ? '' : ` ${score.toFixed(2)}`}`;
  const text = vscode.l10n.t('Check the label {0}: {1}', plain(`${label ?? '–'}${prediction}`), KIND_TEXT[kind]());
  const problem = new vscode.Diagnostic(rangeOf(range), text, vscode.DiagnosticSeverity.Information);
  problem.source = 'OHEM Lens';
  return problem;
}

function rangeOf({ start, end }: AnnotationMark['range']): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
