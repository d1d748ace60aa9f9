import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { decide, readDecisions } from '../../../src/run/decisions/decisions.js';
import { withRun } from '../../../src/run/file/read-run.js';
import { NONE } from '../../../src/core/tables.js';
import { api, fewImages, imagesOf, mine, needSample, temporaryFolder, until } from '../support.js';

describe('decisions', () => {
  let folder = '';
  let out = '';
  /** The image in sight, and two others. */
  let [shown, second, third] = [0, 1, 2];
  before(async function () {
    needSample(this);
    folder = temporaryFolder();
    out = join(folder, 'decided.ohem');
    await mine({ ...fewImages(folder), out });
    await vscode.commands.executeCommand('ohemLens.openRun', out);
    const { imageIndex } = await until('the panel', async () =>
      (await api()).panels().find((each) => each.runPath === out && each.ready && each.imageIndex !== null),
    );
    [shown = 0, second = 1, third = 2] = [imageIndex ?? 0, ...[0, 1, 2].filter((each) => each !== imageIndex)];
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  /** What is decided, as another process reads it. */
  const onDisk = async () => {
    const { decisions, faults } = await readDecisions(out);
    assert.deepEqual(faults, []);
    const whatOf = ({ object, roi }: (typeof decisions)[number]) => (object ? 'object' : roi ? 'roi' : 'image');
    return decisions.map((each) => `${whatOf(each)}: ${each.verdict}`).sort();
  };
  const becomes = (...expected: readonly string[]) =>
    until(`on the disk: ${expected.join(', ') || 'nothing'}`, async () =>
      [await onDisk()].some((found) => JSON.stringify(found) === JSON.stringify(expected)),
    );
  const itemOf = async (imageIndex: number) => {
    const found = (await imagesOf(out)).find(({ node }) => node.kind === 'image' && node.imageIndex === imageIndex);
    assert(found);
    return found;
  };
  const badge = async (imageIndex: number) => String((await itemOf(imageIndex)).item.description);
  /** As a context menu of the panel calls it, on the image in sight. */
  const decideOn = (what: string, row: number, verdict: string) =>
    vscode.commands.executeCommand('ohemLens.decide', { imageIndex: shown, what, row, annotation: NONE }, verdict);

  it('are made on an image, an object and a RoI of the panel, and are a badge in the tree', async () => {
    await decideOn('image', NONE, 'hard');
    await becomes('image: hard');
    await decideOn('object', 0, 'label-box');
    await becomes('image: hard', 'object: label-box');
    await decideOn('roi', 1, 'not-hard');
    await becomes('image: hard', 'object: label-box', 'roi: not-hard');
    await until('the badge', async () => /^✓ hard ✓ 2 decided · /.test(await badge(shown)));
    assert.match(String((await itemOf(shown)).item.tooltip), /^✓ \w+: label-box \(.+\)$/m);
  });

  it("are taken back and made again by the commands of the editor's own keys", async () => {
    const keys = JSON.stringify((await api()) && vscode.extensions.getExtension('ohem-lens.ohem-lens')?.packageJSON);
    assert.match(keys, /"command":"ohemLens.undoDecision","key":"ctrl\+z"/);
    await vscode.commands.executeCommand('ohemLens.undoDecision');
    await becomes('image: hard', 'object: label-box');
    await vscode.commands.executeCommand('ohemLens.undoDecision');
    await becomes('image: hard');
    await until('the badge', async () => /^✓ hard · /.test(await badge(shown)));
    await vscode.commands.executeCommand('ohemLens.redoDecision');
    await becomes('image: hard', 'object: label-box');
  });

  it('on an image of the tree need no panel of it', async () => {
    const { node } = await itemOf(second);
    await vscode.commands.executeCommand('ohemLens.decide', node, 'ignore');
    await until('the badge', async () => /^✓ ignore · /.test(await badge(second)));
    await becomes('image: hard', 'image: ignore', 'object: label-box');
  });

  it('of somebody else on the disk are noticed, with their note, and cannot be undone here', async () => {
    const image = await withRun(out, async ({ images }) => images.at(third)?.id ?? '');
    const later = new Date(Date.now() + 60_000).toISOString();
    const theirs = { verdict: 'label-missing', note: 'a coin below' } as const;
    await decide(out, 'Somebody Else', [{ target: { image }, decision: theirs }], later);
    await until('the badge', async () => /^✓ label-missing · /.test(await badge(third)));
    assert.match(String((await itemOf(third)).item.tooltip), /^✓ label-missing: a coin below \(Somebody Else\)$/m);
    await vscode.commands.executeCommand('ohemLens.undoDecision');
    await becomes('image: hard', 'image: label-missing', 'object: label-box');
    await until('no badge', async () => !(await badge(second)).includes('ignore'));
    rmSync(join(folder, 'decided.decisions', 'somebody-else.jsonl'));
    await until('no badge', async () => !(await badge(third)).includes('label-missing'));
  });
});
