import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { extension } from '../support.js';

describe('RoI dumps', () => {
  it('every writer can be copied', async () => {
    const folder = join(extension().extensionPath, 'media', 'dump-writers');
    const writers: { id: string; file: string }[] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    assert(writers.length >= 5);
    for (const { id, file } of writers) {
      const text = await vscode.commands.executeCommand<string>('ohemLens.copyDumpWriter', id);
      assert.equal(text, readFileSync(join(folder, file), 'utf8'), id);
      assert.equal(await vscode.env.clipboard.readText(), text, id);
    }
    assert.equal(await vscode.commands.executeCommand('ohemLens.copyDumpWriter', 'none'), undefined);
  });
});
