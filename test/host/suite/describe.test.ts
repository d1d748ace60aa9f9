import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, temporaryFolder, until } from '../support.js';

const SHARED = join(process.env['OHEM_ROOT'] ?? '', '..', 'shared');
const model = join(SHARED, 'checkpoints', 'yolox-nano-onnx');
const data = join(SHARED, 'data', 'coco-cc-train');

describe('describing a checkpoint', () => {
  let folder = '';
  before(() => (folder = temporaryFolder()));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tries readings in the engine process and shows the best; closed, nothing is written', async function () {
    if (!existsSync(model) || !existsSync(data)) {
      console.log('      skipped: ../shared/checkpoints/yolox-nano-onnx or ../shared/data/coco-cc-train is absent');
      this.skip();
    }
    const onnx = readdirSync(model).find((name) => name.endsWith('.onnx')) ?? '';
    copyFileSync(join(model, onnx), join(folder, 'm.onnx'));
    const { wizards } = await api();
    const checkpoint = join(folder, 'm.onnx');
    const saved = vscode.commands.executeCommand('ohemLens.describeCheckpoint', { checkpoint, data });
    const { readings, chosen, repairs, images } = await until('the wizard', () => wizards()[0]);
    assert.equal(readings[chosen].name, 'as it is');
    assert.ok(readings[chosen].fit > 0.4, `mean IoU ${readings[chosen].fit}`);
    assert.ok(readings.length > 3);
    assert.deepEqual(
      repairs.map(({ id }) => id),
      ['resize', 'scale', 'channels', 'decoded'],
    );
    assert.equal(images.length, 6);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(await saved, undefined);
    assert.deepEqual(readdirSync(folder), ['m.onnx']);
    assert.equal(wizards().length, 0);
  });
});
