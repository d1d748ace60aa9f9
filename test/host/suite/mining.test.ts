import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  NUM_FEW,
  api,
  fewImages,
  imagesOf,
  mine,
  needSample,
  numSampleImages,
  readCoco,
  runTabs,
  sample,
  temporaryFolder,
  until,
} from '../support.js';

describe('mining', () => {
  let folder = '';
  before(() => (folder = temporaryFolder()));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  it('the sample: a run that grows in its panel and opens again', async function () {
    needSample(this);
    const out = join(folder, 'sample.ohem');
    const outcome = await mine({ out });
    assert.deepEqual(outcome, {
      state: 'done',
      outPath: out,
      numImages: numSampleImages(),
      numFailed: 0,
      numWithoutLoss: 0,
      message: '',
      ofBackend: false,
    });
    assert(statSync(out).size > 1000);
    await until('the panel shows an image', async () =>
      (await api()).panels().find((panel) => panel.runPath === out && panel.ready && panel.imageIndex !== null),
    );
    assert.deepEqual(
      runTabs().map(({ path }) => path),
      [out],
    );
    await vscode.window.tabGroups.close(runTabs().map(({ tab }) => tab));
    await until('the panel is freed', async () => (await api()).panels().length === 0);
    await vscode.commands.executeCommand('ohemLens.openRun', vscode.Uri.file(out));
    await until('the run opens again', async () =>
      (await api()).panels().find((panel) => panel.ready && panel.imageIndex !== null),
    );
  });

  it('without arguments for the output: a new file in the run folder', async function () {
    needSample(this);
    const [workspace] = vscode.workspace.workspaceFolders ?? [];
    assert(workspace, 'the suite needs a workspace folder');
    const { outPath, state, message } = await mine(fewImages(folder));
    assert.equal(state, 'done', message);
    assert.match(
      outPath.slice(workspace.uri.fsPath.length),
      /^.ohem-runs.few-sample-fast-rcnn-\d{4}-\d{4}(-\d+)?\.ohem$/,
    );
    assert(existsSync(outPath));
  });

  it('takes the options that it is given, and refuses those out of range', async function () {
    needSample(this);
    const out = join(folder, 'options.ohem');
    await mine({ ...fewImages(folder), out, mining: { preset: 'paper', batchSize: 8, imagesPerBatch: 2 } });
    const [hardest] = await imagesOf(out);
    assert.match(String(hardest.item.tooltip), /^[0-4] RoIs selected of \d+;/m);
    const refused = await vscode.commands.executeCommand('ohemLens.mine', {
      ...sample(),
      out: join(folder, 'no.ohem'),
      mining: { batchSize: -1 },
    });
    assert.equal(refused, undefined);
    assert(!existsSync(join(folder, 'no.ohem')));
  });

  it('measures as it is told, and refuses a measure out of range', async function () {
    needSample(this);
    const out = join(folder, 'measured.ohem');
    await mine({ ...fewImages(folder), out, measure: { fgThreshold: 0.625, locLossWeight: 2 } });
    const text = readFileSync(out).toString('latin1');
    assert(text.includes('"fgThreshold":0.625'), 'the run tells its measure');
    assert(text.includes('"locLossWeight":2,'));
    const refused = await mine({ ...fewImages(folder), out: join(folder, 'no.ohem'), measure: { fgThreshold: 2 } });
    assert.equal(refused.state, 'failed');
    assert.match(refused.message, /fg-threshold: expected a number in \[0, 1\]/);
    assert(!existsSync(join(folder, 'no.ohem')));
  });

  it('does not replace a run unless it is told to', async function () {
    needSample(this);
    const out = join(folder, 'options.ohem');
    const before = readFileSync(out);
    const outcome = await mine({ ...fewImages(folder), out });
    assert.equal(outcome.state, 'failed');
    assert.match(outcome.message, /^run-file: .*expected a new file/);
    assert.deepEqual(readFileSync(out), before);
    assert.equal((await mine({ ...fewImages(folder), out, force: true })).state, 'done');
  });

  it('a checkpoint that is none: one clear line, and no run', async function () {
    needSample(this);
    const checkpoint = join(folder, 'broken.onnx');
    writeFileSync(checkpoint, 'this is text');
    const outcome = await mine({ checkpoint, out: join(folder, 'broken.ohem') });
    assert.equal(outcome.state, 'failed');
    assert.match(outcome.message, /^(checkpoint|engine): .*expected .*, received /);
    assert(!outcome.message.includes('\n'));
    assert(!existsSync(join(folder, 'broken.ohem')));
    const absent = await mine({ checkpoint: join(folder, 'absent.onnx') });
    assert.match(absent.message, /^checkpoint: .*absent\.onnx/);
  });

  it('arguments that are none are refused', async () => {
    assert.equal(await vscode.commands.executeCommand('ohemLens.mine', { checkpoint: 7 }), undefined);
  });

  it('an image that is not there: recorded, last in the view, with its reason', async function () {
    needSample(this);
    const few = fewImages(folder);
    const coco = readCoco(few.data);
    coco.images[0].file_name = 'absent.jpg';
    writeFileSync(few.data, JSON.stringify(coco));
    const out = join(folder, 'missing.ohem');
    const outcome = await mine({ ...few, out });
    assert.equal(outcome.state, 'done', outcome.message);
    assert.equal(outcome.numFailed, 1);
    const images = await imagesOf(out);
    assert.equal(images.length, NUM_FEW);
    const { item } = images[NUM_FEW - 1];
    assert(item.iconPath instanceof vscode.ThemeIcon && item.iconPath.id === 'warning');
    assert.match(String(item.tooltip), /^absent\.jpg\nimage: /);
  });

  it('exports the selected RoIs', async function () {
    needSample(this);
    const out = join(folder, 'options.ohem');
    for (const name of ['selected.csv', 'selected.json']) {
      const target = vscode.Uri.file(join(folder, name));
      await vscode.commands.executeCommand('ohemLens.exportSelection', out, target);
      assert(readFileSync(target.fsPath, 'utf8').includes('loss'), name);
    }
    assert(readdirSync(folder).every((name) => !name.endsWith('.tmp')));
  });
});
