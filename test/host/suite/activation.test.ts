import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { OPTIONS, OPTION_KEYS } from '../../../src/core/mining/mining-options.js';
import { api, extension } from '../support.js';

describe('activation', () => {
  it('registers every contributed command', async () => {
    const { activationMs } = await api();
    console.log(`      activation took ${activationMs.toFixed(1)} ms`);
    const known = new Set(await vscode.commands.getCommands(true));
    const contributed: { command: string }[] = extension().packageJSON.contributes.commands;
    assert(contributed.length > 10);
    assert.deepEqual(
      contributed.map(({ command }) => command).filter((command) => !known.has(command)),
      [],
    );
  });

  it('loads nothing native', () => {
    const native = Object.keys(require.cache).filter((path) =>
      /\.node$|onnxruntime|[\\/]sharp[\\/]|@tensorflow/.test(path),
    );
    assert.deepEqual(native, []);
  });

  it('calls its first command by the words of the project', () => {
    const [first] = extension().packageJSON.contributes.commands;
    assert.deepEqual(
      { command: first.command, title: first.title },
      { command: 'ohemLens.mine', title: 'Mine Hard Examples' },
    );
  });

  it('gives the settings the defaults of the option list', () => {
    const settings = vscode.workspace.getConfiguration('ohemLens');
    assert.equal(settings.get('mining.preset'), 'paper');
    for (const key of OPTION_KEYS) assert.equal(settings.get(`mining.${key}`), OPTIONS[key].default, key);
    assert.equal(settings.get('imageOrder'), 'sum');
    assert.equal(settings.get('runFolder'), 'ohem-runs');
  });
});
