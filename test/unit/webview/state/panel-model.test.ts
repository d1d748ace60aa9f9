import { describe, expect, it } from 'vitest';
import type { PanelHost, PanelImage } from '../../../../src/protocol/panel-messages.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { NONE, Status } from '../../../../src/core/tables.js';
import { createActions, listRows } from '../../../../webview/state/actions.js';
import { missingImages } from '../../../../webview/rows/minibatch.js';
import { createModel } from '../../../../webview/state/create-model.js';
import { receiver, receiveRois } from '../../../../webview/state/receive.js';
import { readSaved, stateOf, type SavedState } from '../../../../webview/state/saved.js';
import { fakeHost } from '../fake-host.js';
import { syntheticRun } from '../../../webview/synthetic-run.js';

const run = syntheticRun(5, 300);

function imageMessage(imageIndex: number): PanelImage {
  const { summary, bytes } = run.images[imageIndex];
  return {
    imageIndex,
    position: imageIndex,
    numImages: 5,
    summary,
    imageUri: null,
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
  model.stageSize.value = { width: 800, height: 600 };
  return { model, actions, hear, said };
}

function openImage(imageIndex = 0) {
  const panel = openPanel();
  panel.hear.image(imageMessage(imageIndex));
  return panel;
}

describe('an image arrives', () => {
  it('is decoded, decided, and opens with its hardest selected RoI', () => {
    const { model } = openImage();
    expect(model.selection.value?.counts[Status.selected]).toBe(64);
    expect(model.selection.value?.lossRank[model.focused.value]).toBe(0);
    expect(model.layerRows.value.numDrawn).toBe(64);
  });

  it('damaged, it has no RoIs and tells why; the next one is as ever', () => {
    const { model, hear } = openPanel();
    const { bytes, ...message } = imageMessage(0);
    hear.image({ ...message, bytes: bytes.with(bytes.length - 100, 77) });
    expect(model.image.value?.summary).toMatchObject({
      id: message.summary.id,
      error: expect.stringMatching(/^run-file/),
    });
    expect(model.rois.value?.numRois).toBe(0);
    hear.image(imageMessage(1));
    expect(model.selection.value?.counts[Status.selected]).toBe(64);
    expect(model.notices.value).toEqual([]);
  });

  it('keeps viewport and focus when the same image comes again, and resets them for another', () => {
    const { model, actions, hear } = openImage();
    actions.stepRoi(1);
    actions.zoomIn();
    const [focused, zoomed] = [model.focused.value, model.zoomed.value];
    hear.image({ ...imageMessage(0), position: 2 });
    expect([model.focused.value, model.zoomed.value, model.image.value?.position]).toEqual([focused, zoomed, 2]);
    hear.image(imageMessage(1));
    expect(model.zoomed.value).toBeNull();
  });
});

describe('RoIs of another image of the minibatch', () => {
  it('that cannot be read become a notice', () => {
    const { model } = openImage();
    receiveRois(model, 1, { bytes: new Uint8Array(40), row: 0 });
    expect(model.notices.value[0]?.level).toBe('error');
    expect(model.others.value.size).toBe(0);
  });
});

describe('the person moves a control', () => {
  it('changes the selection with no word to the engine', () => {
    const { model, actions, said } = openImage();
    actions.setOption('batchSize', 20);
    expect(model.selection.value?.counts[Status.selected]).toBe(10);
    expect(said).toEqual([]);
  });

  it('takes a preset with its own values', () => {
    const { model, actions } = openImage();
    actions.setOption('batchSize', 20);
    actions.setMining(resolveConfig('mmdet'));
    expect(model.mining.value).toMatchObject({ preset: 'mmdet', batchSize: 128 });
  });

  it('gathers the minibatch where the preset decides over all of it', () => {
    const { model, actions } = openImage(3);
    expect(missingImages(model.minibatch.value, 3, model.others.value)).toEqual([]);
    actions.setMining(resolveConfig('released-code'));
    expect(missingImages(model.minibatch.value, 3, model.others.value)).toEqual([2]);
    expect(model.minibatch.value).toMatchObject({ numRead: 1, numWanted: 2 });
    receiveRois(model, 2, { bytes: run.images[2].bytes, row: 0 });
    expect(model.minibatch.value).toMatchObject({ numRead: 2, rowStart: 300 });
    expect(model.decision.value.whole?.keepNum).toBe(128);
    expect(model.selection.value?.counts.reduce((sum, n) => sum + n, 0)).toBe(300);
  });

  it('keeps the rows of the image that leaves the stage for its minibatch', () => {
    const { model, actions, hear } = openImage(2);
    actions.setMining(resolveConfig('released-code'));
    hear.image(imageMessage(3));
    expect(missingImages(model.minibatch.value, 3, model.others.value)).toEqual([]);
    hear.image(imageMessage(4));
    expect(model.others.value.size).toBe(0);
  });
});

describe('the person steps', () => {
  it('goes down the list and stops at its ends', () => {
    const { model, actions } = openImage();
    const rows = listRows(model);
    actions.stepRoi(-1);
    expect(model.focused.value).toBe(rows[0]);
    actions.stepRoi(1);
    expect(model.focused.value).toBe(rows[1]);
    actions.stepRoi(100_000);
    expect(model.focused.value).toBe(rows[299]);
    expect(model.selection.value?.status[rows[299]]).toBe(Status.invalid);
  });

  it('goes through the filtered rows only', () => {
    const { model, actions } = openImage();
    actions.setFilters({ status: 'ignored' });
    expect(model.layers.value.ignored).toBe(true);
    actions.stepRoi(1);
    expect(model.selection.value?.status[model.focused.value]).toBe(Status.ignored);
    expect(listRows(model).length).toBe(6);
  });

  it('goes from a suppressed RoI to its suppressor, and stays where there is none', () => {
    const { model, actions } = openImage();
    const suppressed = model.selection.value?.status.indexOf(Status.nmsSuppressed) ?? NONE;
    const by = model.selection.value?.suppressedBy[suppressed];
    actions.focus(suppressed);
    actions.goToSuppressor();
    expect(model.focused.value).toBe(by);
    actions.goToSuppressor();
    expect(model.focused.value).toBe(by);
  });

  it('goes through overlapping RoIs with clicks at one place, and from one to the next below', () => {
    const { model, actions } = openImage();
    const { scale, x, y } = model.viewport.value;
    const boxes = model.boxes.value;
    const row = model.focused.value;
    if (boxes === null) throw new Error('no boxes');
    const at = [
      ((boxes.x1[row] + boxes.x2[row]) / 2) * scale + x,
      ((boxes.y1[row] + boxes.y2[row]) / 2) * scale + y,
    ] as const;
    const seen = new Set<number>();
    for (let i = 0; i < 200 && seen.size === i; i++) {
      actions.clickStage(...at, 'a');
      seen.add(model.focused.value);
    }
    expect(seen.has(row)).toBe(true);
    expect(seen.has(NONE)).toBe(false);
    const before = model.focused.value;
    if (seen.size > 1) {
      actions.nextBelow();
      expect(model.focused.value).not.toBe(before);
    }
  });
});

describe('the panel comes back', () => {
  it('is where it was', () => {
    const first = openImage(2);
    first.actions.setOption('batchSize', 12);
    first.actions.stepRoi(3);
    first.actions.zoomIn();
    const saved = readSaved(JSON.parse(JSON.stringify(stateOf(first.model))));
    const second = openPanel(saved);
    second.hear.image(imageMessage(2));
    expect(stateOf(second.model)).toEqual(stateOf(first.model));
  });

  it('takes nothing over from another run', () => {
    const first = openImage(2);
    first.actions.setOption('batchSize', 12);
    const state = stateOf(first.model);
    const second = openPanel(state === null ? null : { ...state, run: 'another' });
    second.hear.image(imageMessage(2));
    expect(second.model.mining.value).toEqual(run.manifest.mining);
  });
});

describe('the person asks the host', () => {
  it('reveals the annotation of the matched object, or the file', () => {
    const { model, actions, said } = openImage(1);
    const foreground = model.image.value?.rois.gtIndex.findIndex((gt) => gt !== NONE) ?? NONE;
    actions.focus(foreground);
    actions.reveal();
    const gt = model.image.value?.rois.gtIndex[foreground] ?? NONE;
    expect(said.at(-1)).toEqual({ kind: 'reveal', imageIndex: 1, annotation: model.image.value?.gts.annotation[gt] });
    actions.focus(model.image.value?.rois.gtIndex.indexOf(NONE) ?? NONE);
    actions.reveal();
    expect(said.at(-1)).toEqual({ kind: 'reveal', imageIndex: 1, annotation: NONE });
  });

  it('copies the focused RoI as JSON', () => {
    const { model, actions, said } = openImage();
    actions.copyFocused();
    const copied = said.at(-1);
    expect(copied?.kind).toBe('copy');
    expect(JSON.parse(String(copied?.['text']))).toMatchObject({
      image: 'made-up-0.png',
      row: model.focused.value,
      rank: 1,
      status: 'selected',
    });
  });
});
