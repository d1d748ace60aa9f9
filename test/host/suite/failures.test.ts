/** An engine process that dies under the editor: the editor lives, the run keeps what it had, and goes on. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openRun } from '../../../src/run/file/run-store.js';
import { api, copySample, imagesOf, mine, needSample, until, type MineOutcome } from '../support.js';

/** Engine processes of this extension host (Linux). */
function engineProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid))
    .filter((pid) => {
      try {
        const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker.mjs');
      } catch {
        return false;
      }
    });
}

async function summaries(path: string): Promise<unknown[]> {
  const run = await openRun(path);
  await run.close();
  return [...run.images];
}

describe('an engine process that is killed', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('costs no finished image; the message says what and where; "Resume Run" ends it the same', async function () {
    needSample(this);
    if (process.platform !== 'linux') this.skip();
    const { data, folder, numImages } = copySample(1);
    const out = join(folder, 'killed.ohem');
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
    const killed = engineProcesses();
    assert(killed.length > 0, 'no engine process is seen');
    for (const pid of killed) process.kill(pid, 'SIGKILL');

    const failed = await mining;
    assert.equal(failed.state, 'failed');
    assert.equal(failed.ofBackend, true);
    assert.match(
      failed.message,
      /^engine: the engine process: expected to keep running, received signal SIGKILL.*Last finished image: copy0-/,
    );
    assert(failed.numImages > 0 && failed.numImages < numImages, `${failed.numImages} of ${numImages}`);
    const kept = await summaries(out);
    assert.equal(kept.length, failed.numImages);
    const { tree } = await api();
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-partial');

    const resumed = await vscode.commands.executeCommand<MineOutcome>('ohemLens.resumeRun', out);
    assert.equal(resumed.state, 'done', resumed.message);
    const whole = join(folder, 'whole.ohem');
    assert.equal((await mine({ data, out: whole })).state, 'done');
    const all = await summaries(whole);
    assert.deepEqual(kept, all.slice(0, kept.length));
    assert.deepEqual(await summaries(out), all);
    rmSync(folder, { recursive: true, force: true });
  });
});
