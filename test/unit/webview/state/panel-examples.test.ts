import { describe, expect, it } from 'vitest';
import type { ExamplesBatch, PanelHost, PanelImage } from '../../../../src/protocol/panel-messages.js';
import { NONE, Status } from '../../../../src/core/tables.js';
import { createActions } from '../../../../webview/state/actions.js';
import { keyBindings } from '../../../../webview/state/keyboard.js';
import { createModel } from '../../../../webview/state/create-model.js';
import { receiveExamples, receiver } from '../../../../webview/state/receive.js';
import { readSaved, stateOf, type SavedState } from '../../../../webview/state/saved.js';
import { fakeHost } from '../fake-host.js';
import { syntheticExamples } from '../../../webview/synthetic-examples.js';

const run = syntheticExamples(200);

function chunk(first: number, most: number, numImages = 200): ExamplesBatch {
  const images = run.images.slice(first, first + most);
  const ends = images.map((_, i) => images.slice(0, i + 1).reduce((sum, { bytes }) => sum + bytes.length, 0));
  const places = ends.map((end, i) => ({ start: end - images[i].bytes.length, end, row: 0 }));
  const bytes = new Uint8Array(ends.at(-1) ?? 0);
  images.forEach((image, i) => bytes.set(image.bytes, places[i].start));
  return { first, places, bytes, uris: images.map((_, i) => `/${first + i}`), numImages };
}

function imageMessage(imageIndex: number, imageUri: string | null = null): PanelImage {
  const { summary, bytes } = run.images[imageIndex];
  return {
    imageIndex,
    position: imageIndex,
    numImages: 200,
    summary,
    imageUri,
    imageNote: '',
    isElsewhere: false,
    bytes,
    row: 0,
  };
}

function openPanel(saved: SavedState | null = null) {
  const model = createModel(saved?.choices);
  const { host, said } = fakeHost<PanelHost>();
  const actions = createActions(model, host);
  const hear = receiver(model, saved);
  hear.run({
    manifest: run.manifest,
    schema: run.schema,
    settings: { dim: 0.3, colourMap: 'inferno', backgroundBelow: 0 },
  });
  return { model, actions, hear, said };
}

function openAll() {
  const panel = openPanel();
  panel.hear.image(imageMessage(8));
  receiveExamples(panel.model, chunk(0, 200));
  return panel;
}

describe('examples arrive', () => {
  it('in several messages, and are decided in the minibatches of the run', () => {
    const { model } = openPanel();
    receiveExamples(model, chunk(0, 120));
    const half = model.selection.value?.counts[Status.selected];
    receiveExamples(model, chunk(120, 120));
    const { counts, batchRanked } = model.selection.value ?? { counts: [], batchRanked: 0 };
    // Minibatches of 128 of 200 images, one failed in each; top-rate counts the ignored ones too.
    expect(model.rois.value?.numRois).toBe(198);
    expect(batchRanked).toBe(198);
    expect([half, counts[Status.selected]]).toEqual([
      Math.trunc(119 * 0.25),
      Math.trunc(127 * 0.25) + Math.trunc(71 * 0.25),
    ]);
    expect(model.examples.value?.numKnown).toBe(200);
    expect(model.notices.value).toEqual([]);
  });

  it('a damaged one has no row and tells why; those around it stay', () => {
    const { model } = openPanel();
    const some = chunk(0, 10);
    const bytes = some.bytes.slice();
    bytes[some.places[4].end - 40] ^= 1;
    receiveExamples(model, { ...some, bytes });
    expect(model.examples.value?.images[4].error).toMatch(/^run-file: image/);
    expect([3, 4, 5].map((i) => model.rois.value?.imageIndex.includes(i))).toEqual([true, false, true]);
    expect(model.notices.value).toEqual([]);
  });

  it('and the focus goes to the image that the host shows, whichever comes first', () => {
    expect(openAll().model.rois.value?.imageIndex[openAll().model.focused.value]).toBe(8);
    const late = openPanel();
    receiveExamples(late.model, chunk(0, 200));
    expect(late.model.focused.value).toBe(NONE);
    late.hear.image(imageMessage(16));
    expect(late.model.rois.value?.imageIndex[late.model.focused.value]).toBe(16);
  });

  it('a repeated word of the host does not take the focus back', () => {
    const { model, actions, hear } = openAll();
    actions.stepRoi(3);
    const focused = model.focused.value;
    hear.image(imageMessage(8));
    expect(model.focused.value).toBe(focused);
    hear.image(imageMessage(24));
    expect(model.rois.value?.imageIndex[model.focused.value]).toBe(24);
  });

  it('a picture that had to be converted comes with its image', () => {
    const { model, hear } = openPanel();
    receiveExamples(model, { ...chunk(0, 20), uris: new Array<null>(20).fill(null) });
    hear.image(imageMessage(3, '/converted.png'));
    expect(model.examples.value?.uris[3]).toBe('/converted.png');
  });
});

describe('the grid', () => {
  it('holds every row at first, hardest first', () => {
    const { model } = openAll();
    expect(model.gridRows.value).toHaveLength(198);
    const losses = Array.from(model.gridRows.value, (row) => model.selection.value?.rankLoss[row] ?? NaN);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('sorts by each measure', () => {
    const { model, actions } = openAll();
    actions.setExampleSort('margin');
    const margins = Array.from(model.gridRows.value, (row) => model.margin.value[row]).filter(
      (value) => !Number.isNaN(value),
    );
    expect(margins).toEqual([...margins].sort((a, b) => a - b));
    expect(margins[0]).toBeLessThan(0);
  });

  it('is filtered by a cell of the matrix, by mistakes, by status; filters add up', () => {
    const { model, actions } = openAll();
    const { cells, numJudged, numRight } = model.confusion.value;
    actions.toggleWrong();
    expect(model.gridRows.value).toHaveLength(numJudged - numRight);
    const [cell, count] = [...cells].find(([key]) => key % 11 !== 0) ?? [0, 0];
    actions.setFilters({ label: Math.floor(cell / 10), prediction: cell % 10 });
    expect(model.gridRows.value).toHaveLength(count);
    actions.toggleWrong();
    actions.setFilters({ label: null, prediction: null });
    actions.toggleLayer('selected');
    expect(model.gridRows.value).toHaveLength(198 - (model.selection.value?.counts[Status.selected] ?? 0));
  });

  it('is walked by rows, pages and ends, and stops at its edges', () => {
    const { model, actions } = openAll();
    model.gridShape.value = { columns: 5, rows: 3 };
    const at = () => model.gridRows.value.indexOf(model.focused.value);
    actions.stepRoi(-Infinity);
    actions.stepGridRows(1);
    expect(at()).toBe(5);
    actions.stepGridPages(2);
    expect(at()).toBe(35);
    actions.stepGridRows(1e9);
    expect(at()).toBe(195);
    actions.stepRoi(Infinity);
    expect(at()).toBe(197);
    actions.stepGridPages(-1e9);
    expect(at()).toBe(2);
    actions.stepRoi(4);
    actions.stepGridRows(1e9);
    expect(at()).toBe(196);
  });
});

describe('what the host hears of an example', () => {
  it('opens, reveals and copies the one in focus', () => {
    const { actions, said } = openAll();
    actions.openImage();
    actions.reveal();
    actions.copyFocused();
    expect(said.slice(0, 2)).toEqual([
      { kind: 'openImage', imageIndex: 8 },
      { kind: 'reveal', imageIndex: 8, annotation: NONE },
    ]);
    const copied = JSON.parse(String(said[2]['text']));
    expect(copied).toMatchObject({ image: 'made-up/8.png', label: '8', status: 'selected' });
    expect(copied.prediction).not.toBe('8');
  });

  it('nothing when the person steps: the panel has the examples', () => {
    const { actions, said, model } = openAll();
    const before = model.focused.value;
    actions.stepImage(1);
    expect(said).toEqual([]);
    expect(model.focused.value).not.toBe(before);
  });
});

describe('state and keys', () => {
  it('the place in the run, order and filters survive a reload', () => {
    const { model, actions } = openAll();
    actions.setExampleSort('el2n');
    actions.setFilters({ wrong: true, prediction: 9 });
    const saved = readSaved(JSON.parse(JSON.stringify(stateOf(model))));
    const again = openPanel(saved).model;
    expect(saved?.imageIndex).toBe(8);
    expect(again.exampleSort.value).toBe('el2n');
    expect(again.filters.value).toMatchObject({ wrong: true, prediction: 9 });
  });

  it('no key is given twice', () => {
    for (const room of ['picture', 'examples', 'gallery'] as const) {
      const keys = keyBindings(room).flatMap((binding) => binding.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});

describe.each(['exportSelection', 'copyPython'] as const)('%s', (action) => {
  it('tells the host what is shown: layers and filters', () => {
    const { actions, said } = openAll();
    actions.setFilters({ wrong: true });
    actions.toggleLayer('below-budget');
    actions[action]();
    expect(said.at(-1)).toMatchObject({
      kind: action,
      scope: { of: 'rows', statuses: ['selected', 'nms-suppressed', 'ignored', 'invalid'], filters: { wrong: true } },
    });
  });
});
