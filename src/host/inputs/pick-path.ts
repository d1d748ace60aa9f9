/** One pick of a path: what was found in the workspace, what comes with the extension, or anything by browsing. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { FoundInput } from './find-inputs.js';
import { showQuickPick } from '../base/speak.js';

export interface PathItem extends vscode.QuickPickItem {
  /** undefined: browse. */
  readonly path?: string;
}

export interface PickOptions {
  readonly title: string;
  readonly placeHolder: string;
  readonly browse: vscode.OpenDialogOptions;
}

const KIND_TEXT: Record<FoundInput['kind'], () => string> = {
  contract: () => vscode.l10n.t('checkpoint with a contract'),
  onnx: () => 'ONNX',
  tfjs: () => 'TensorFlow.js',
  'saved-model': () => 'SavedModel',
  coco: () => vscode.l10n.t('COCO JSON'),
  voc: () => vscode.l10n.t('Pascal VOC folder'),
  yolo: () => vscode.l10n.t('YOLO labels'),
  csv: () => vscode.l10n.t('table of image and label'),
  folders: () => vscode.l10n.t('class folders'),
  jsonl: () => vscode.l10n.t('RoI dump, JSON Lines'),
  npz: () => vscode.l10n.t('RoI dump, NPZ'),
};

const TASK_TEXT = {
  detection: () => vscode.l10n.t('detection'),
  classification: () => vscode.l10n.t('classification'),
};

/** An item for something found: its own title, or its name, with what it is. */
export function foundItem({ path, kind, task, title }: FoundInput): PathItem & { readonly path: string } {
  const what = KIND_TEXT[kind]();
  const detail = task === null ? what : `${what} · ${TASK_TEXT[task]()}`;
  return {
    label: title === '' ? labelOf(path, kind) : title,
    description: vscode.workspace.asRelativePath(path),
    detail,
    path,
  };
}

/** @param truncated the search met a bound. */
export function browseItem(truncated: boolean): PathItem {
  const label = `$(folder-opened) ${vscode.l10n.t('Browse…')}`;
  return truncated
    ? { label, description: vscode.l10n.t('the workspace is large: not everything is listed') }
    : { label };
}

/** @returns the absolute path; undefined where the person gave up. */
export async function pickPath(
  items: Promise<readonly PathItem[]>,
  { title, placeHolder, browse }: PickOptions,
): Promise<string | undefined> {
  const picked = await showQuickPick(items, {
    title,
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked === undefined || picked.path !== undefined) return picked?.path;
  const [uri] = (await vscode.window.showOpenDialog({ ...browse, title })) ?? [];
  return uri?.fsPath;
}

/**
 * Model and annotation files, and folders with a contract, are mostly named alike: the folder above tells them apart.
 */
function labelOf(path: string, kind: FoundInput['kind']): string {
  const isNamedAlike = ['contract', 'tfjs', 'coco', 'yolo', 'csv', 'jsonl', 'npz'].includes(kind);
  return isNamedAlike ? `${basename(dirname(path))}/${basename(path)}` : basename(path);
}
