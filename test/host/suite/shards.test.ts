import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  api,
  extension,
  fewImages,
  imagesOf,
  needSample,
  NUM_FEW,
  runTabs,
  sample,
  temporaryFolder,
  until,
  type MineOutcome,
} from '../support.js';

const COUNT = 2;

describe('shards that a cluster writes', () => {
  let home = '';
  before(() => (home = temporaryFolder()));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(home, { recursive: true, force: true });
  });

  it('are one run that grows, goes on where it was stopped, and is merged when all are whole', async function () {
    needSample(this);
    const { data, images } = fewImages(home);
    const folder = join(home, 'run');
    mkdirSync(folder);
    const mined = async (index: number) => {
      const out = join(home, `shard-${index}.ohem`);
      const inputs = ['--checkpoint', sample().checkpoint, '--data', data, '--images', images];
      const cli = join(extension().extensionPath, 'dist', 'cli.mjs');
      const shard = `${index}/${COUNT}`;
      await promisify(execFile)(process.execPath, [cli, 'mine', ...inputs, '--shard', shard, '--out', out]);
      return out;
    };
    const shards = [await mined(0), await mined(1)] as const;
    renameSync(shards[0], join(folder, 'shard-0.ohem'));

    const out = `${folder}.ohem`;
    const following = vscode.commands.executeCommand<MineOutcome>('ohemLens.openShardedRun', vscode.Uri.file(folder));
    const numSeen = async () => (existsSync(out) ? (await imagesOf(out)).length : 0);
    await until(
      'images of the first shard',
      async () => (await numSeen()) > 0 && runTabs().some((tab) => tab.path === out),
    );
    assert((await numSeen()) < NUM_FEW);
    await vscode.commands.executeCommand('ohemLens.stopMining', out);
    assert.equal((await following).state, 'stopped');

    const again = vscode.commands.executeCommand<MineOutcome>('ohemLens.resumeRun', out);
    renameSync(shards[1], join(folder, 'shard-1.ohem'));
    const outcome = await again;
    assert.equal(outcome.state, 'done', outcome.message);
    assert.equal(outcome.numImages, NUM_FEW);
    const { tree } = await api();
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-complete');
    assert.equal(await numSeen(), NUM_FEW);
  });

  it('arguments that are none, and a folder that is not there, are refused', async () => {
    assert.equal(await vscode.commands.executeCommand('ohemLens.openShardedRun', { folder: 7 }), undefined);
    const given = { folder: join(home, 'absent') };
    const absent = await vscode.commands.executeCommand<MineOutcome>('ohemLens.openShardedRun', given);
    assert.equal(absent.state, 'failed');
    assert.match(absent.message, /^run-file: shards: .*absent/);
  });
});
