import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, imagesOf, mine, temporaryFolder, until } from '../support.js';

const SHARED = join(process.env['OHEM_ROOT'] ?? '', '..', 'shared');
const checkpoint = join(SHARED, 'checkpoints', 'digits-mlp-tfjs', 'model.json');
const data = join(SHARED, 'data', 'mnist-a');
/** Digits of mnist-a that this classifier takes for another. */
const NUM_WRONG = 21;

describe('classification', () => {
  let folder = '';
  before(() => (folder = temporaryFolder()));
  after(async () => {
    await vscode.workspace
      .getConfiguration('ohemLens')
      .update('imageOrder', undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  it('a classifier on class folders: examples in the view, the misclassified ones first', async function () {
    if (!existsSync(checkpoint) || !existsSync(data)) {
      console.log('      skipped: ../shared/checkpoints/digits-mlp-tfjs or ../shared/data/mnist-a is absent');
      this.skip();
    }
    const out = join(folder, 'digits.ohem');
    const outcome = await mine({ checkpoint, data, out });
    assert.deepEqual(outcome, {
      state: 'done',
      outPath: out,
      numImages: 400,
      numFailed: 0,
      numWithoutLoss: 0,
      message: '',
      ofBackend: false,
    });
    const { tree } = await api();
    const { description, tooltip, iconPath } = await tree.getTreeItem(tree.runNode(out));
    assert.equal(description, '400 examples');
    assert.match(String(tooltip), /^classification · offline proxy: .*\ntop-rate · /m);
    assert(iconPath instanceof vscode.ThemeIcon && iconPath.id === 'tag');
    await vscode.workspace
      .getConfiguration('ohemLens')
      .update('imageOrder', 'mistakenness', vscode.ConfigurationTarget.Workspace);
    const images = await imagesOf(out);
    assert.match(String(images[0].item.label), /^\d\/.+\.png$/);
    // A label that the classifier contradicts is mistaken with a chance of more than a half.
    const chances = images.map(({ item }) => Number(/mistakenness ([\d.]+)/.exec(String(item.tooltip))?.[1]));
    assert.equal(chances.filter((chance) => chance > 0.5).length, NUM_WRONG);
    await until('the panel is ready', async () =>
      (await api()).panels().some((panel) => panel.runPath === out && panel.ready),
    );
  });
});
