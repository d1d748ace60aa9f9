import * as vscode from 'vscode';
import type { TreeNode } from './image-tree.js';

/** A checkpoint, predictions or images that are dropped onto the view are mined; another thing is asked for. */
export const DROP: vscode.TreeDragAndDropController<TreeNode> = {
  dragMimeTypes: [],
  dropMimeTypes: ['text/uri-list'],
  async handleDrop(_target, data) {
    const [first] = ((await data.get('text/uri-list')?.asString()) ?? '').split('\r\n');
    if (first) await vscode.commands.executeCommand('ohemLens.mine', vscode.Uri.parse(first, true));
  },
};
