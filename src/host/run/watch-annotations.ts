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
export function isAnnotatedBy({ images, manifest }: Run, path: string): boolean {
  const name = basename(path);
  // A spelling of its own costs a microsecond: of 100,000 files, at each event of the disk, only those of the name.
  const isIt = (file: string) => file === path || (file.endsWith(name) && canonicalPath(file) === path);
  return isIt(manifest.dataset.path) || images.some(({ annotationPath }) => isIt(annotationPath));
}
