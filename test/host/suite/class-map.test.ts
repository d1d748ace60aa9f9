/** Classes that do not meet: the button under the error, a pick for each class, the contract, the run. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, fewImages, mine, needSample, readCoco, sample, temporaryFolder, until } from '../support.js';

describe('classes that nobody has mapped', () => {
  let folder = '';
  before(() => (folder = temporaryFolder()));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  it('are picked after "Map Classes…", kept in the contract, and mined', async function () {
    needSample(this);
    const checkpoint = join(folder, 'checkpoint');
    cpSync(sample().checkpoint, checkpoint, { recursive: true });
    const { data, images } = fewImages(folder);
    const coco = readCoco(data);
    const names = (coco['categories'] as { name: string }[]).map(({ name }) => name);
    const categories = (coco['categories'] as object[]).map((category, i) => ({ ...category, name: `${names[i]}s` }));
    writeFileSync(data, JSON.stringify({ ...coco, categories }));
    const out = join(folder, 'mapped.ohem');

    await vscode.commands.executeCommand('notifications.clearAll');
    const failed = await mine({ checkpoint, data, images, out });
    assert.equal(failed.state, 'failed');
    assert.deepEqual(failed.classes?.checkpoint, names);

    await vscode.commands.executeCommand('notification.acceptPrimaryAction');
    const contract = join(checkpoint, 'ohem.json');
    const kept = await until('the map is kept', async () => {
      // The likeliest stands first and is marked: Enter, once a class.
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((resolve) => setTimeout(resolve, 200));
      return (JSON.parse(readFileSync(contract, 'utf8')) as { classMap?: object }).classMap;
    });
    assert.deepEqual(kept, Object.fromEntries(names.map((name) => [`${name}s`, name])));
    await until('the run opens', async () =>
      (await api()).panels().find((panel) => panel.runPath === out && panel.ready && panel.imageIndex !== null),
    );
  });
});
