import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openRun } from '../../../src/run/file/run-store.js';
import { copySample, imagesOf, mine, needSample, until, type MineOutcome } from '../support.js';

describe('an annotation beside its run', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('shows what the run says; a change is noticed, and its image alone is mined anew', async function () {
    needSample(this);
    const { data, folder, numImages } = copySample(1);
    const out = join(folder, 'corrected.ohem');
    assert.equal((await mine({ data, out })).state, 'done');
    await until('its panel', async () => (await imagesOf(out)).length === numImages);
    const isMarked = async () =>
      (await imagesOf(out)).filter(({ item }) => String(item.description).startsWith('changed since this run')).length;

    const lenses = () =>
      vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', vscode.Uri.file(data));
    await vscode.workspace.openTextDocument(data);
    const [hardest] = await lenses();
    assert.match(String(hardest?.command?.title), /^loss [\d.]+ · rank \d+ of \d+ · /);
    assert.equal(hardest?.command?.command, 'ohemLens.showImage');
    const numProblems = await vscode.commands.executeCommand<number>('ohemLens.showLabelProblems', out);
    assert(numProblems > 0);
    assert.equal(vscode.languages.getDiagnostics(vscode.Uri.file(data)).length, numProblems);
    await vscode.commands.executeCommand('ohemLens.hideLabelProblems');

    const document = await vscode.workspace.openTextDocument(data);
    const moved = JSON.parse(readFileSync(data, 'utf8')) as { annotations: { bbox: number[]; image_id: number }[] };
    const [object] = moved.annotations;
    assert(object?.bbox[0] !== undefined);
    object.bbox[0] += 5;
    const edit = new vscode.WorkspaceEdit();
    const all = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
    edit.replace(document.uri, all, JSON.stringify(moved));
    assert(await vscode.workspace.applyEdit(edit));
    assert(await document.save());
    await until('the mark', async () => (await isMarked()) === 1);

    const outcome = await vscode.commands.executeCommand<MineOutcome>('ohemLens.remineChanged', out);
    assert.equal(outcome.state, 'done', outcome.message);
    assert.deepEqual(outcome.remined, { numAnew: 1, numGone: 0 });
    const run = await openRun(out);
    assert.equal(run.images.length, numImages);
    assert.equal(run.manifest.remined?.[0]?.numImages, 1);
    await run.close();
    await until('no mark', async () => (await isMarked()) === 0);
    assert.match(String((await lenses())[0]?.command?.title), /^loss /);
    rmSync(folder, { recursive: true, force: true });
  });
});
