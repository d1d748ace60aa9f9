/** What the explorer's menus know of runs: a condition there cannot read a file, so those that were read are named. */
import * as vscode from 'vscode';
import { mayTrain, numExpected } from '../../core/facts/run-manifest.js';
import type { Run } from './run.js';
import type { Runs } from './runs.js';

type MenuRun = Pick<Run, 'manifest' | 'numImages' | 'running'>;

/** Was it mined, and has images to come that no process of this window mines? */
export function canResume({ manifest, numImages, running }: MenuRun): boolean {
  const { dataset, checkpoint } = manifest;
  return !running && checkpoint !== null && (numImages < numExpected(dataset) || dataset.shardsIn !== undefined);
}

/** Contexts of paths, and the runs that each names; what was not read is in none, and is told when it is chosen. */
const CONTEXTS: Readonly<Record<string, (run: MenuRun) => boolean>> = {
  'ohemLens.unresumableRuns': (run) => !canResume(run),
  'ohemLens.untrainableRuns': ({ manifest }) => !mayTrain(manifest),
};

/** Keeps the contexts as the runs of this window are. */
export function tellRunMenus(runs: Pick<Runs, 'onDidChange'>): vscode.Disposable {
  const named = Object.keys(CONTEXTS).map((key) => ({ key, paths: new Set<string>() }));
  return runs.onDidChange((run) => {
    if (run === undefined) return;
    for (const { key, paths } of named) {
      const isNamed = CONTEXTS[key]?.(run) === true;
      if (isNamed === paths.has(run.path)) continue;
      if (isNamed) paths.add(run.path);
      else paths.delete(run.path);
      void vscode.commands.executeCommand('setContext', key, [...paths]);
    }
  });
}
