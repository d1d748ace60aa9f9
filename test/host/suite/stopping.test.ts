import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, copySample, imagesOf, mine, needSample, until, type MineOutcome } from '../support.js';

describe('stopping and going on', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('a stopped run keeps its images, and "Resume Run" mines the rest', async function () {
    needSample(this);
    const { data, folder, numImages } = copySample(2);
    const out = join(folder, 'stopped.ohem');
    const mining = mine({ data, out });
    const begun = until(
      'the first image',
      async () => existsSync(out) && (await imagesOf(out)).some(({ node }) => node.kind === 'image'),
      250_000,
    );
    await Promise.race([
      begun,
      mining.then(({ state, message }) => assert.fail(`${state} before the first image was seen: ${message}`)),
    ]);
    await vscode.commands.executeCommand('ohemLens.stopMining', out);
    const stopped = await mining;
    assert.equal(stopped.state, 'stopped', stopped.message);
    assert(stopped.numImages > 0 && stopped.numImages < numImages, `${stopped.numImages} of ${numImages}`);
    assert.equal((await imagesOf(out)).length, stopped.numImages);
    const { tree } = await api();
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-partial');

    const resumed = await vscode.commands.executeCommand<MineOutcome>('ohemLens.resumeRun', vscode.Uri.file(out));
    assert.equal(resumed.state, 'done', resumed.message);
    assert.equal(resumed.numImages, numImages);
    const names = (await imagesOf(out)).map(({ item }) => item.label);
    assert.equal(new Set(names).size, numImages);
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-complete');
    // Whole: the menu says so, and no process starts.
    assert.equal(await vscode.commands.executeCommand('ohemLens.resumeRun', vscode.Uri.file(out)), undefined);
    rmSync(folder, { recursive: true, force: true });
  });
});
