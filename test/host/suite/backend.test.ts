/** Backends: the set-up in its real process, with fakes of the programs that it starts; pinning; removing. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import type { SetupOutcome } from '../../../src/host/engine/setup-command.js';
import { temporaryFolder } from '../support.js';

const BINDING = 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==';
const HEADERS = 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==';

describe('backends', () => {
  let folder = '';
  const before = { ...process.env };
  beforeEach(() => {
    folder = temporaryFolder();
    // The host gives its own environment to the processes it starts.
    process.env['OHEM_DATA'] = join(folder, 'data');
    process.env['OHEM_CACHE'] = join(folder, 'cache');
  });
  afterEach(async () => {
    for (const name of ['OHEM_DATA', 'OHEM_CACHE', 'PATH']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await vscode.workspace.getConfiguration('ohemLens').update('backend', undefined, vscode.ConfigurationTarget.Global);
    rmSync(folder, { recursive: true, force: true });
  });

  /** `npm` and `g++` of our own, before all others. */
  function fakePrograms(gpp: string): void {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(folder, 'lock.json'),
      JSON.stringify({
        packages: {
          'node_modules/@tensorflow/tfjs-node-gpu': { integrity: BINDING },
          'node_modules/node-api-headers': { integrity: HEADERS },
        },
      }),
    );
    const install =
      `while [ $# -gt 0 ]; do if [ "$1" = --prefix ]; then cp '${join(folder, 'lock.json')}' ` +
      '"$2/package-lock.json"; fi; shift; done';
    const version = 'case "$1" in --version|-dumpfullversion) echo 12; exit;; esac';
    for (const [name, work] of [
      ['npm', install],
      ['g++', gpp],
    ]) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${version}\n${work}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    process.env['PATH'] = `${bin}${delimiter}${before['PATH']}`;
  }

  /** What the search takes for TensorFlow. */
  function fakeTensorflow(): string {
    const tensorflow = join(folder, 'tf/lib/python3.12/site-packages/tensorflow');
    mkdirSync(join(tensorflow, 'include/tensorflow/c/eager'), { recursive: true });
    for (const file of [
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'include/tensorflow/c/c_api.h',
      'include/tensorflow/c/eager/c_api.h',
    ])
      writeFileSync(join(tensorflow, file), '');
    mkdirSync(join(tensorflow, '../tensorflow-2.19.0.dist-info'));
    return join(folder, 'tf');
  }

  const setUp = (given: object) =>
    vscode.commands.executeCommand<SetupOutcome | undefined>('ohemLens.setUpBackend', { consent: true, ...given });
  const linkFolder = () => join(folder, 'data', 'tfjs-node');

  it('a step that fails is named with what to do; the next try goes on there; all of it is removed', async function () {
    if (process.platform !== 'linux') this.skip();
    const tensorflow = fakeTensorflow();
    fakePrograms('echo "x.cc:1: error: no C++17 here" >&2; exit 1');
    const failed = await setUp({ choice: 'tensorflow', tensorflow });
    assert.equal(failed?.state, 'failed');
    assert.match(
      failed.message,
      /step "binding": expected to succeed, received g\+\+ ended with 1: x\.cc:1: error: no C\+\+17 here.*apt install/,
    );
    assert.deepEqual(failed.steps, [{ name: 'packages', state: 'done' }]);
    assert.match(readFileSync(join(linkFolder(), 'setup.log'), 'utf8'), /no C\+\+17 here/);

    fakePrograms('while [ $# -gt 0 ]; do if [ "$1" = -o ]; then echo no library > "$2"; fi; shift; done');
    const linked = await setUp({ choice: 'tensorflow', tensorflow });
    assert.deepEqual(
      linked?.steps.map(({ name, state }) => `${name} ${state}`),
      ['packages kept', 'binding done', 'record done'],
    );
    // What was compiled is no library: that costs a process, and is said.
    assert.equal(linked.state, 'failed');
    assert.match(linked.message, /engine: setup: expected a backend that runs/);
    assert.deepEqual(
      linked.verdicts.map(({ id, runs }) => [id, runs]),
      [
        ['tfjs-node-gpu', false],
        ['tfjs-node', false],
      ],
    );

    const removed = await vscode.commands.executeCommand<readonly string[]>('ohemLens.removeBackend', {
      consent: true,
    });
    assert.deepEqual(removed, [linkFolder()]);
    assert.equal(existsSync(linkFolder()), false);
  });

  it('a choice that cannot be had here is refused before anything is done', async () => {
    fakePrograms('exit 1');
    assert.equal(await setUp({ choice: 'magic' }), undefined);
    assert.equal(existsSync(join(folder, 'data')), false);
  });

  it('a backend is pinned for new runs, and let go', async () => {
    const pinned = () => vscode.workspace.getConfiguration('ohemLens').get('backend');
    await vscode.commands.executeCommand('ohemLens.chooseBackend', 'tfjs-cpu');
    assert.equal(pinned(), 'tfjs-cpu');
    await vscode.commands.executeCommand('ohemLens.chooseBackend', '');
    assert.equal(pinned(), '');
  });
});
