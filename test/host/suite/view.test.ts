import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { NUM_FEW, api, fewImages, imagesOf, mine, needSample, runTabs, temporaryFolder, until } from '../support.js';

describe('the view "Hard Examples"', () => {
  let folder = '';
  let out = '';
  before(async function () {
    needSample(this);
    folder = temporaryFolder();
    out = join(folder, 'view.ohem');
    await mine({ ...fewImages(folder), out });
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('ohemLens')
      .update('imageOrder', undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('lists a run that was mined', async () => {
    const { tree } = await api();
    const paths = (await tree.getChildren()).map((node) => node.path);
    assert(paths.includes(out));
    const item = await tree.getTreeItem(tree.runNode(out));
    assert.equal(item.description, `${NUM_FEW} images`);
    assert.match(String(item.tooltip), /^detection · offline proxy: .*\npaper · B\/N 128\/2$/m);
    assert(
      item.iconPath instanceof vscode.ThemeIcon && item.iconPath.id === 'target' && item.iconPath.color === undefined,
    );
  });

  it('is answered for to language models', async () => {
    const { content } = await vscode.lm.invokeTool('ohem_list_hard_examples', {
      input: { run: out, top: 3 },
      toolInvocationToken: undefined,
    });
    const [part] = content;
    assert(part instanceof vscode.LanguageModelTextPart);
    const { num_images, objects } = JSON.parse(part.value) as { num_images: number; objects: object[] };
    assert.deepEqual([num_images, objects.length], [NUM_FEW, 3]);
  });

  for (const order of ['sum', 'mean', 'maximum', 'entropy', 'mistakenness'] as const) {
    it(`orders images by ${order}`, async () => {
      await vscode.workspace
        .getConfiguration('ohemLens')
        .update('imageOrder', order, vscode.ConfigurationTarget.Workspace);
      const images = await imagesOf(out);
      assert.equal(images.length, NUM_FEW);
      // A measure that is not known is a dash, and comes last.
      const valueOf = (text: string | undefined) => (text === '–' ? -1 : Number(text));
      const shown = images.map(({ item }) => valueOf(String(item.description).split(' · ', 1)[0]));
      assert.deepEqual(
        shown,
        [...shown].sort((a, b) => b - a),
      );
      assert(shown[0] > 0, `no image has a value: ${shown.join(', ')}`);
      const told = images.map(({ item }) =>
        valueOf(new RegExp(`${order} ([\\d.]+|–)`).exec(String(item.tooltip))?.[1]),
      );
      shown.forEach((value, i) => assert(Math.abs(value - told[i]) < 0.006, `${value} of ${told[i]}`));
    });
  }

  it('opens the panel at the image that is clicked', async () => {
    const images = await imagesOf(out);
    for (const { node, item } of [images[3], images[1]]) {
      assert(node.kind === 'image' && item.command);
      await vscode.commands.executeCommand(item.command.command, ...(item.command.arguments ?? []));
      await until('the panel is at the image', async () =>
        (await api())
          .panels()
          .some((panel) => panel.runPath === out && panel.ready && panel.imageIndex === node.imageIndex),
      );
    }
    assert.equal(runTabs().length, 1);
  });

  it('a file that is no run says so in the view and in the editor', async () => {
    const path = join(folder, 'text.ohem');
    writeFileSync(path, 'this is text');
    const [{ node, item }] = await imagesOf(path);
    assert.equal(node.kind, 'remark');
    assert.match(String(item.label), /^run-file: /);
    await vscode.commands.executeCommand('ohemLens.openRun', path);
    assert((await api()).panels().every((panel) => panel.runPath !== path));
  });

  it('forgets a run whose file is gone when it is refreshed', async () => {
    rmSync(out);
    await vscode.commands.executeCommand('ohemLens.refreshRuns');
    const { tree } = await api();
    await until('the run leaves the view', async () => (await tree.getChildren()).every((node) => node.path !== out));
    assert(!existsSync(out));
  });
});
