/** Notices that annotations of a run in sight change on the disk. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { localPath } from '../base/local-path.js';
import { Scope } from '../base/scope.js';
import type { RunActions } from './panel-services.js';
import { canonicalPath, type Run } from './run.js';
import type { RunEditors } from './run-editor.js';

/** Tools write many files in a burst; whoever edits one saves often. ms. */
const REST_MS = 1000;

/**
 * Has the runs whose panels are open looked at again when a file of their annotations was saved here, or written by
 * another program in the workspace. Pixels, and files outside of it, are looked at when a run opens.
 */
export function watchAnnotations(editors: RunEditors, actions: Pick<RunActions, 'findChanged'>): vscode.Disposable {
  const scope = new Scope();
  const timers = new Map<Run, NodeJS.Timeout>();
  const look = (uri: vscode.Uri): void => {
    const path = canonicalPath(localPath(uri));
    for (const run of new Set(editors.panels.map((panel) => panel.run))) {
      if (!isAnnotatedBy(run, path)) continue;
      clearTimeout(timers.get(run));
      timers.set(
        run,
        setTimeout(() => void actions.findChanged(run), REST_MS),
      );
    }
  };
  const watcher = scope.add(vscode.workspace.createFileSystemWatcher('**/*.{json,jsonl,xml,txt,csv}'));
  scope.add(watcher.onDidChange(look));
  scope.add(watcher.onDidCreate(look));
  scope.add(watcher.onDidDelete(look));
  scope.add(vscode.workspace.onDidSaveTextDocument(({ uri }) => uri.scheme === 'file' && look(uri)));
  scope.onDispose(() => timers.forEach((timer) => clearTimeout(timer)));
  return scope;
}

/** Does a file, by its canonical path, annotate images of a run? */
export function isAnnotatedBy(run: Run, path: string): boolean {
  return isFile(run.manifest.dataset.path, path) || annotationFile(run, path) !== undefined;
}

/** An image's annotation file as the run spells it; undefined: it has none at this canonical path. */
export function annotationFile({ images }: Run, path: string): string | undefined {
  // At each event of the disk, and of a million images seldom one has a file of that name.
  if (images.indexOf('annotationPath', basename(path), 'end') < 0) return undefined;
  for (const file of images.texts('annotationPath')) if (isFile(file, path)) return file;
  return undefined;
}

/** A spelling of its own costs a microsecond: only of those of the name. */
function isFile(file: string, path: string): boolean {
  return file === path || (file.endsWith(basename(path)) && canonicalPath(file) === path);
}
