import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api, extension, imagesOf, readCoco, sample, temporaryFolder, until, type MineOutcome } from '../support.js';

const importDump = (given: object) =>
  vscode.commands.executeCommand<MineOutcome | undefined>('ohemLens.importDump', given);

/** A dump of the sample's first images: one hard RoI and one easy one each. */
function detectionDump(numImages: number): string {
  const header = { ohem_dump: 1, task: 'detection', classes: ['screw', 'nut'], background: 0 };
  const images = readCoco(sample().data).images.slice(0, numImages);
  const lines = images.map(({ file_name: image }, i) => ({
    image,
    rois: [
      [0, 0, 50, 50],
      [60, 60, 90, 90],
    ],
    label: [1, 0],
    loss_cls: [1 + i, 0.1],
    loss_loc: [0.5, 0],
  }));
  return [header, ...lines].map((line) => JSON.stringify(line)).join('\n');
}

describe('RoI dumps', () => {
  let folder = '';
  before(() => (folder = temporaryFolder()));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  it('every writer can be copied', async () => {
    const folder = join(extension().extensionPath, 'media', 'dump-writers');
    const writers: { id: string; file: string }[] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    assert(writers.length >= 5);
    for (const { id, file } of writers) {
      const text = await vscode.commands.executeCommand<string>('ohemLens.copyDumpWriter', id);
      assert.equal(text, readFileSync(join(folder, file), 'utf8'), id);
      assert.equal(await vscode.env.clipboard.readText(), text, id);
    }
    assert.equal(await vscode.commands.executeCommand('ohemLens.copyDumpWriter', 'none'), undefined);
  });

  it('a dump becomes a run in its panel, with its pixels, and says that its losses are from training', async () => {
    const dump = join(folder, 'losses.jsonl');
    writeFileSync(dump, detectionDump(4));
    const out = join(folder, 'imported.ohem');
    const outcome = await importDump({
      dump,
      images: sample().images,
      out,
      mining: { batchSize: 2, imagesPerBatch: 2 },
    });
    assert.deepEqual(outcome, {
      state: 'done',
      outPath: out,
      numImages: 4,
      numFailed: 0,
      numWithoutLoss: 0,
      message: '',
      ofBackend: false,
    });
    await until('the panel shows an image', async () =>
      (await api()).panels().find((panel) => panel.runPath === out && panel.ready && panel.imageIndex === 3),
    );
    const { tree } = await api();
    const { description, tooltip, iconPath, contextValue } = await tree.getTreeItem(tree.runNode(out));
    assert.equal(description, '4 images · from training');
    assert.match(String(tooltip), /^detection · losses from training$/m);
    assert.match(String(tooltip), /^paper · B\/N 2\/2$/m);
    assert(iconPath instanceof vscode.ThemeIcon && iconPath.id === 'target' && iconPath.color !== undefined);
    assert.equal(contextValue, 'run-complete-untrainable');
    const images = await imagesOf(out);
    assert.deepEqual(
      images.map(({ item }) => item.description),
      ['4.50', '3.50', '2.50', '1.50'],
    );
    assert.equal(await vscode.commands.executeCommand('ohemLens.resumeRun', out), undefined);
  });

  it('a dump that is still written is watched: the newest image in sight, a whole run when it is stopped', async () => {
    const dump = join(folder, 'growing.jsonl');
    const lines = detectionDump(4).split('\n');
    writeFileSync(dump, `${lines.slice(0, 3).join('\n')}\n`);
    const out = join(folder, 'watched.ohem');
    const given = { dump, images: sample().images, out, mining: { batchSize: 2, imagesPerBatch: 1 } };
    const watching = vscode.commands.executeCommand<MineOutcome | undefined>('ohemLens.watchDump', given);
    const panel = async () => (await api()).panels().find(({ runPath }) => runPath === out);
    await until('the panel shows the second image', async () => (await panel())?.imageIndex === 1);
    appendFileSync(dump, `${lines.slice(3).join('\n')}\n`);
    await until('the panel shows the newest image', async () => (await panel())?.imageIndex === 3);
    await vscode.commands.executeCommand('ohemLens.stopMining', out);
    const outcome = await watching;
    assert(outcome?.state === 'done' && outcome.numImages === 4, JSON.stringify(outcome));
    const { tree } = await api();
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-complete-untrainable');
  });

  it('a dump of a classifier: a new run in the run folder, by the default of classification', async () => {
    const dump = join(folder, 'digits.jsonl');
    const lines = [
      { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' },
      { image: 'a/1.png', label: 1, logits: [2, 0] },
      { image: 'b/1.png', label: 0, logits: [3, 0] },
    ];
    writeFileSync(dump, lines.map((line) => JSON.stringify(line)).join('\n'));
    const outcome = await importDump({ dump });
    assert.equal(outcome?.state, 'done', outcome?.message);
    assert.match(outcome.outPath, /ohem-runs.digits-\d{4}-\d{4}(-\d+)?\.ohem$/);
    const { tree } = await api();
    const { description, iconPath } = await tree.getTreeItem(tree.runNode(outcome.outPath));
    assert.match(String(description), /^2 examples · from training$/);
    assert(iconPath instanceof vscode.ThemeIcon && iconPath.id === 'tag');
    const images = await imagesOf(outcome.outPath);
    assert.deepEqual(
      images.map(({ item }) => item.label),
      ['a/1.png', 'b/1.png'],
    );
    assert.match(String(images[0].item.description), /^2\.13 · selected$/);
  });

  it('a dump that is wrong: one clear line, what was read stays', async () => {
    const dump = join(folder, 'wrong.jsonl');
    writeFileSync(dump, `${detectionDump(2)}\n{"image": "b.jpg", "rois": 7}\n`);
    const out = join(folder, 'wrong.ohem');
    const outcome = await importDump({ dump, out, mining: { imagesPerBatch: 1 } });
    assert.equal(outcome?.state, 'failed');
    assert.match(outcome.message, /^dump: line 4: .*expected .*, received .*wrong\.jsonl/);
    assert.equal(outcome.numImages, 2);
    const { tree } = await api();
    assert.equal((await tree.getTreeItem(tree.runNode(out))).contextValue, 'run-cut-untrainable');
  });

  it('arguments that are none are refused', async () => {
    assert.equal(await importDump({ dump: 7 }), undefined);
    const absent = await importDump({ dump: join(folder, 'absent.jsonl'), out: join(folder, 'absent.ohem') });
    assert.match(String(absent?.message), /^dump: .*absent\.jsonl/);
    assert(!existsSync(join(folder, 'absent.ohem')));
  });

  it('the runs of two checkpoints compare as CSV, as JSON and in an editor', async () => {
    const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
    // a.png is learned and forgotten, b.png is learned late.
    const epochs = [
      [
        [0, 2],
        [0, 1],
      ],
      [
        [1, 0],
        [3, 0],
      ],
    ];
    const runs: string[] = [];
    for (const [epoch, logits] of epochs.entries()) {
      const dump = join(folder, `epoch-${epoch}.jsonl`);
      const lines = [
        header,
        { image: 'a.png', label: 1, logits: logits[0] },
        { image: 'b.png', label: 0, logits: logits[1] },
      ];
      writeFileSync(dump, lines.map((line) => JSON.stringify(line)).join('\n'));
      const outcome = await importDump({ dump, out: join(folder, `epoch-${epoch}.ohem`) });
      assert.equal(outcome?.state, 'done', outcome?.message);
      runs.push(outcome.outPath);
    }
    const compare = (given: object) =>
      vscode.commands.executeCommand<string | undefined>('ohemLens.compareCheckpoints', given);
    const csv = await compare({ runs });
    assert.equal(csv, vscode.window.activeTextEditor?.document.getText());
    assert.match(String(csv), /^image,.*forgotten/);
    const json = JSON.parse(String(await compare({ runs, format: 'json' }))) as {
      examples: { image: string; forgotten: number; first_learned: number | null }[];
    };
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'json');
    const a = json.examples.find(({ image }) => image === 'a.png');
    const b = json.examples.find(({ image }) => image === 'b.png');
    assert.deepEqual([a?.forgotten, a?.first_learned, b?.forgotten, b?.first_learned], [1, 0, 0, 1]);
    const [first, second] = runs.map((path) => vscode.Uri.file(path));
    // As the explorer does: what was clicked, then all that are selected.
    await vscode.commands.executeCommand('ohemLens.compareSelected', second, [second, first]);
    const house = await api();
    await until('both examples are compared, in the order of training', () =>
      house
        .comparisons()
        .some(({ paths, numExamples }) => numExamples === 2 && paths.join() === [first?.fsPath, second?.fsPath].join()),
    );
    await compare({ runs, format: 'editor' });
    assert.equal(house.comparisons().length, 1, 'the same runs have one editor');
    assert.equal(await compare({ runs: runs.slice(0, 1) }), undefined);
    assert.equal(await compare({ runs: 7 }), undefined);
  });
});
