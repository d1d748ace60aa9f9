/** What each message of the host changes. */
import { batch } from '@preact/signals';
import { decodeImage } from '../../src/arrow/decode-run.js';
import { NONE, Status, type RoiTable } from '../../src/core/tables.js';
import type { ToPanel } from '../../src/protocol/panel-messages.js';
import type { ImageSelection } from './image-selection.js';
import type { PanelModel } from './model.js';
import { sameRun, type SavedState } from './saved.js';

type Message<K extends ToPanel['kind']> = Extract<ToPanel, { kind: K }>;

/** Most notices that are kept; the oldest goes. */
const MAX_NOTICES = 4;

let lastNotice = 0;

/**
 * Applies a message, all at once. Bytes that cannot be decoded become a notice, never an exception.
 * @param saved what the panel showed before a reload.
 */
export function receive(model: PanelModel, message: Exclude<ToPanel, { kind: 'command' }>, saved: SavedState | null): void {
  try {
    batch(() => apply(model, message, saved));
  } catch (error) {
    addNotice(model, 'error', error instanceof Error ? error.message : String(error));
  }
}

function apply(model: PanelModel, message: Exclude<ToPanel, { kind: 'command' }>, saved: SavedState | null): void {
  switch (message.kind) {
    case 'run':
      return takeRun(model, message, saved);
    case 'image':
      return takeImage(model, message, saved);
    case 'rois':
      return takeRois(model, message);
    case 'progress':
      model.progress.value = message.progress;
      return;
    case 'settings':
      model.settings.value = message.settings;
      return;
    case 'notice':
      addNotice(model, message.level, message.text);
  }
}

function takeRun(model: PanelModel, message: Message<'run'>, saved: SavedState | null): void {
  const known = model.manifest.value;
  model.manifest.value = message.manifest;
  model.schema.value = message.schema;
  model.settings.value = message.settings;
  model.others.value = new Map();
  // The same run again (the file grew): what the person chose stays.
  if (known?.createdAt === message.manifest.createdAt) return;
  model.image.value = null;
  model.mining.value = sameRun(saved, message.manifest) ? saved.mining : message.manifest.mining;
}

function takeImage(model: PanelModel, message: Message<'image'>, saved: SavedState | null): void {
  const { schema, manifest } = model;
  if (schema.value === null) return;
  const { rois, gts } = decodeImage(schema.value, message.bytes);
  const { imageIndex, position, numImages, summary, imageUri, imageNote } = message;
  const before = model.image.value;
  model.image.value = { imageIndex, position, numImages, summary, imageUri, imageNote, rois, gts };
  if (before?.imageIndex === imageIndex) return;
  const resumed = before === null && sameRun(saved, manifest.value) && saved.imageIndex === imageIndex ? saved : null;
  keepShownImage(model, before);
  if (before?.imageUri !== imageUri) model.pictureSize.value = null;
  model.hovered.value = NONE;
  model.zoomed.value = resumed?.zoomed ?? null;
  model.focused.value = resumed !== null && resumed.focused < rois.numRois ? resumed.focused : hardestSelected(model.selection.value);
}

/** The image that leaves the stage may be of the next one's minibatch: its rows need not be read again. */
function keepShownImage(model: PanelModel, before: PanelModel['image']['value']): void {
  const { start, end } = model.minibatch.value?.range ?? { start: 0, end: 0 };
  const kept = new Map<number, RoiTable>();
  for (const [index, rois] of model.others.value) if (index >= start && index < end) kept.set(index, rois);
  if (before !== null && before.imageIndex >= start && before.imageIndex < end) kept.set(before.imageIndex, before.rois);
  model.others.value = kept;
}

function takeRois(model: PanelModel, message: Message<'rois'>): void {
  if (model.schema.value === null) return;
  const { rois } = decodeImage(model.schema.value, message.bytes);
  model.others.value = new Map(model.others.value).set(message.imageIndex, rois);
}

function addNotice(model: PanelModel, level: Message<'notice'>['level'], text: string): void {
  const others = model.notices.value.filter((notice) => notice.text !== text);
  model.notices.value = [...others, { id: ++lastNotice, level, text }].slice(-MAX_NOTICES);
}

/** The row that a new image opens with. */
function hardestSelected(selection: ImageSelection | null): number {
  return selection?.order.find((row) => selection.status[row] === Status.selected) ?? NONE;
}
