import { describe, expect, it } from 'vitest';
import type { PanelHost } from '../../../../src/protocol/panel-messages.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { allocateRoiTable, Status } from '../../../../src/core/tables.js';
import { createActions, listRows } from '../../../../webview/state/actions.js';
import {
  ALL_MARKS,
  compareRows,
  firstOther,
  isStale,
  Mark,
  rowsWithMarks,
} from '../../../../webview/rows/comparison.js';
import { createModel } from '../../../../webview/state/create-model.js';
import type { ImageSelection } from '../../../../webview/rows/image-selection.js';
import { missingImages } from '../../../../webview/rows/minibatch.js';
import { receiver } from '../../../../webview/state/receive.js';
import { fakeHost } from '../fake-host.js';
import { syntheticRun } from '../../../webview/synthetic-run.js';

const run = syntheticRun(5, 300);

function openImage() {
  const model = createModel();
  const { host, asked } = fakeHost<PanelHost>();
  const actions = createActions(model, host);
  const hear = receiver(model, null);
  const { summary, bytes } = run.images[1];
  hear.run({
    manifest: run.manifest,
    schema: run.schema,
    settings: { dim: 0.3, colourMap: 'inferno', backgroundBelow: 0 },
  });
  hear.image({
    imageIndex: 1,
    position: 1,
    numImages: 5,
    summary,
    imageUri: null,
    imageNote: '',
    isElsewhere: false,
    bytes,
    row: 0,
  });
  model.stageSize.value = { width: 800, height: 600 };
  return { model, actions, asked };
}

describe('compareRows', () => {
  it('marks rows by who selects them and sums what either trains on', () => {
    const rois = allocateRoiTable(4, 1, 'float64');
    rois.lossCls.set([8, 4, 2, 2]);
    const status = (...selected: number[]) =>
      ({
        status: Uint8Array.from(rois.lossCls, (_, row) =>
          selected.includes(row) ? Status.selected : Status.belowBudget,
        ),
      }) as ImageSelection;
    const { mark, facts } = compareRows(rois, status(0, 1), status(1, 2));
    expect([...mark]).toEqual([Mark.onlyA, Mark.both, Mark.onlyB, Mark.neither]);
    expect(facts).toMatchObject({ both: 1, onlyA: 1, onlyB: 1, neither: 1, overlap: 1 / 3 });
    expect([facts.a.meanLoss, facts.b.meanLoss, facts.a.lossCovered]).toEqual([6, 3, 0.75]);
    expect([...rowsWithMarks(Uint8Array.of(1, 1, 1, 1), mark, ALL_MARKS)]).toEqual([1, 1, 1, 0]);
    expect([...rowsWithMarks(Uint8Array.of(1, 0, 1, 1), mark, { ...ALL_MARKS, [Mark.onlyA]: false })]).toEqual([
      0, 0, 1, 0,
    ]);
  });
});

describe('a comparison in the panel', () => {
  it('is off at first, and then beside the random baseline', () => {
    const { model, actions } = openImage();
    expect([model.comparison.value, model.other.selection.value, model.other.layerRows.value.numDrawn]).toEqual([
      null,
      null,
      0,
    ]);
    actions.toggleCompare();
    expect(model.compared.value?.preset).toBe('random');
    expect(firstOther('detection', 'random').preset).toBe('paper');
    actions.toggleCompare();
    expect(model.overlay.value).toBeNull();
  });

  it('shows on one picture only what somebody selects; picture and list agree', () => {
    const { model, actions } = openImage();
    actions.toggleCompare();
    const { both, onlyA, onlyB } = model.comparison.value?.facts ?? { both: 0, onlyA: 0, onlyB: 0 };
    expect(model.layerRows.value.drawn.map((rows) => rows.length).slice(0, 4)).toEqual([both, onlyA, onlyB, 0]);
    expect(listRows(model)).toHaveLength(both + onlyA + onlyB);
    actions.toggleMark(Mark.both);
    expect(listRows(model)).toHaveLength(onlyA + onlyB);
    actions.toggleLayerAt(1);
    expect(model.layerRows.value.numDrawn).toBe(onlyB);
  });

  it('keeps layers and list of A where two pictures show both', () => {
    const { model, actions } = openImage();
    const before = [listRows(model).length, model.layerRows.value.numDrawn];
    actions.toggleCompare();
    actions.setCompareView('side');
    expect([listRows(model).length, model.layerRows.value.numDrawn]).toEqual(before);
    expect(model.other.layerRows.value.numDrawn).toBe(model.other.selection.value?.counts[Status.selected]);
  });

  it('gathers the minibatch that B needs, whatever A needs', () => {
    const { model, actions } = openImage();
    actions.compareWith(resolveConfig('top-b', { imagesPerBatch: 2 }));
    expect(missingImages(model.minibatch.value, 1, model.others.value)).toEqual([]);
    expect(missingImages(model.other.minibatch.value, 1, model.others.value)).toEqual([0]);
  });

  it('of B changes nothing of A', () => {
    const { model, actions } = openImage();
    const before = model.selection.value;
    actions.compareWith(resolveConfig('mmdet'));
    actions.compareWith(resolveConfig('ssd'));
    expect(model.selection.value).toBe(before);
  });

  it('over the run is asked of the host, answered, and stale when a side changes', async () => {
    const { model, actions, asked } = openImage();
    await actions.compareRun();
    expect(asked).toEqual([]);
    actions.toggleCompare();
    const done = actions.compareRun();
    const [a, b] = [model.mining.value, model.compared.value ?? model.mining.value];
    expect(model.runComparison.value).toMatchObject({ a, b, total: null, error: '' });
    asked[0].reject(new Error('gone'));
    await done;
    const answer = model.runComparison.value;
    expect(answer?.error).toBe('gone');
    if (answer === null) throw new Error('no answer');
    expect(isStale(answer, { ...a }, { ...b })).toBe(false);
    expect(isStale(answer, a, { ...b, seed: 1 })).toBe(true);
  });

  it('over the run shows the answer to the last question only', async () => {
    const { model, actions, asked } = openImage();
    actions.toggleCompare();
    const first = actions.compareRun();
    actions.setOption('batchSize', 20);
    const second = actions.compareRun();
    asked[1].resolve({ numImages: 2 });
    asked[0].resolve({ numImages: 1 });
    await Promise.all([first, second]);
    expect(model.runComparison.value?.numImages).toBe(2);
  });
});
