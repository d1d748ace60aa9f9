/** What changes when something comes from the host. */
import { batch } from '@preact/signals';
import { decodeImage, decodeManifest } from '../../src/arrow/decode-run.js';
import type { RunImage } from '../../src/arrow/encode-run.js';
import { BLANK_SUMMARY, roiBoxOf } from '../../src/core/facts/run-manifest.js';
import { MiningError } from '../../src/core/mining-error.js';
import { allocateGtTable, allocateRoiTable, NONE, Status, type RoiTable } from '../../src/core/tables.js';
import type { Served } from '../../src/protocol/endpoint.js';
import type { GalleryProgress } from '../../src/protocol/gallery-messages.js';
import type {
  ExamplesBatch,
  ImageBytes,
  PanelImage,
  PanelNotice,
  PanelRun,
  PanelView,
  RunVerdicts,
} from '../../src/protocol/panel-messages.js';
import { messageOf } from '../words/message-of.js';
import { appendExamples, rowOfImage, withUri } from '../rows/examples.js';
import { ALL_LAYERS, FIRST_LAYERS } from '../rows/filters.js';
import type { ImageSelection } from '../rows/image-selection.js';
import type { PanelModel } from './model.js';
import { sameRun, type SavedState } from './saved.js';

/** Most notices that are kept; the oldest goes. */
const MAX_NOTICES = 4;

let lastNotice = 0;

/**
 * What the host may tell the panel, but for the commands.
 * @param saved what the panel showed before a reload.
 */
export function receiver(model: PanelModel, saved: SavedState | null) {
  return {
    run: (run) => take(model, () => takeRun(model, run, saved)),
    image: (image) => take(model, () => takeImage(model, image, saved)),
    gaps: (gaps) => void (model.gaps.value = gaps),
    progress: ({ progress }) => void (model.progress.value = progress),
    settings: ({ settings }) => void (model.settings.value = settings),
    decisions: (all) => takeDecisions(model, all),
    focusRoi: (place) => void (model.gallery.wantedRow.value = place),
    galleryProgress: (progress) => tellWaiting(model, progress),
    galleryChanged: () => void model.gallery.stale.value++,
    notice: ({ level, text }) => addNotice(model, level, text),
  } satisfies Omit<Served<PanelView>, 'command' | 'showGallery' | 'decide' | 'findSimilar'>;
}

/** Images of a classification run that the panel asked for. */
export function receiveExamples(model: PanelModel, batch: ExamplesBatch): void {
  take(model, () => takeExamples(model, batch));
}

/** RoIs of an image of the minibatch that the panel asked for. */
export function receiveRois(model: PanelModel, imageIndex: number, image: ImageBytes): void {
  take(model, () => takeRois(model, imageIndex, image));
}

/** Changes the model all at once. Bytes that cannot be decoded become a notice, never an exception. */
function take(model: PanelModel, change: () => void): void {
  try {
    batch(change);
  } catch (error) {
    addNotice(model, 'error', messageOf(error));
  }
}

function takeRun(model: PanelModel, message: PanelRun, saved: SavedState | null): void {
  const known = model.manifest.value;
  model.manifest.value = message.manifest;
  model.schema.value = message.schema;
  model.settings.value = message.settings;
  model.others.value = new Map();
  const sameTask = known?.task === message.manifest.task;
  model.examples.value = null;
  // The same run again (the file grew): what the person chose stays.
  if (known?.createdAt === message.manifest.createdAt) return;
  model.image.value = null;
  model.focused.value = NONE;
  model.runComparison.value = null;
  if (!sameTask && !sameRun(saved, message.manifest))
    model.layers.value = message.manifest.task === 'classification' ? ALL_LAYERS : FIRST_LAYERS;
  model.mining.value = sameRun(saved, message.manifest) ? saved.mining : message.manifest.mining;
}

function takeImage(model: PanelModel, message: PanelImage, saved: SavedState | null): void {
  const { schema, manifest } = model;
  if (schema.value === null) return;
  const { imageIndex, position, numImages, imageUri, imageNote, isElsewhere } = message;
  const { rois, gts, summary: read } = tryDecode(schema.value, message);
  const summary = { ...message.summary, error: message.summary.error || read.error };
  const before = model.image.value;
  if (manifest.value?.task === 'classification') followHost(model, message);
  model.image.value = { imageIndex, position, numImages, summary, imageUri, imageNote, isElsewhere, rois, gts };
  const isSame = before?.imageIndex === imageIndex;
  const wantedRow = takeWantedRow(model, imageIndex, rois.numRois);
  if (isSame && wantedRow !== NONE) model.focused.value = wantedRow;
  if (isSame || manifest.value?.task === 'classification') return;
  const resumed = before === null && sameRun(saved, manifest.value) && saved.imageIndex === imageIndex ? saved : null;
  keepShownImage(model, before);
  if (before?.imageUri !== imageUri) model.pictureSize.value = null;
  model.hovered.value = NONE;
  model.zoomed.value = resumed?.zoomed ?? null;
  model.focused.value =
    resumed !== null && resumed.focused < rois.numRois ? resumed.focused : hardestSelected(model.selection.value);
  if (wantedRow !== NONE) model.focused.value = wantedRow;
}

/** The RoI that the person came for from the gallery; NONE. */
function takeWantedRow({ gallery: { wantedRow } }: PanelModel, imageIndex: number, numRois: number): number {
  const wanted = wantedRow.value;
  if (wanted?.imageIndex !== imageIndex) return NONE;
  wantedRow.value = null;
  return wanted.row < numRois ? wanted.row : NONE;
}

/** The host has gone to another image (tree, command, end of the run): the focus goes with it. */
function followHost(model: PanelModel, { imageIndex, imageUri }: PanelImage): void {
  const { examples, hostImage, focused } = model;
  if (examples.value !== null && imageUri !== null) examples.value = withUri(examples.value, imageIndex, imageUri);
  if (hostImage.value === imageIndex) return;
  hostImage.value = imageIndex;
  const row = examples.value === null ? NONE : rowOfImage(examples.value, imageIndex);
  if (row !== NONE) focused.value = row;
}

function takeExamples(model: PanelModel, { first, places, bytes, uris, numImages }: ExamplesBatch): void {
  const schema = model.schema.value;
  if (schema === null) return;
  // One array of bytes for the images that share it: it is decoded once.
  const batches = new Map(places.map(({ start, end }) => [start, bytes.subarray(start, end)]));
  const read = places.map(({ start, row }, i) => ({
    ...tryDecode(schema, { bytes: batches.get(start) ?? bytes, row }),
    uri: uris[i] ?? null,
  }));
  const examples = appendExamples(model.examples.value, first, read, numImages);
  model.examples.value = examples;
  if (examples !== null && model.focused.value === NONE)
    model.focused.value = rowOfImage(examples, model.hostImage.value);
}

/** Badges and counts of the gallery follow. */
function takeDecisions({ decide, gallery }: PanelModel, all: RunVerdicts): void {
  const changed = JSON.stringify(all.decisions) !== JSON.stringify(decide.all.value.decisions);
  decide.all.value = all;
  if (changed && gallery.answer.value !== null) gallery.stale.value++;
}

function tellWaiting({ gallery: { waiting } }: PanelModel, progress: GalleryProgress): void {
  if (waiting.value !== null) waiting.value = { ...waiting.value, progress };
}

/** The image that leaves the stage may be of the next one's minibatch: its rows need not be read again. */
function keepShownImage(model: PanelModel, before: PanelModel['image']['value']): void {
  const ranges = [model.minibatch.value?.range, model.other.minibatch.value?.range];
  const wanted = (index: number) =>
    ranges.some((range) => range !== undefined && index >= range.start && index < range.end);
  const kept = new Map<number, RoiTable>();
  for (const [index, rois] of model.others.value) if (wanted(index)) kept.set(index, rois);
  if (before !== null && wanted(before.imageIndex)) kept.set(before.imageIndex, before.rois);
  model.others.value = kept;
}

/** An image; without RoIs where it is damaged, which its `error` tells: the others stay as they are. */
function tryDecode(schema: Uint8Array, { bytes, row }: ImageBytes): RunImage {
  try {
    return decodeImage(schema, bytes, row);
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    const manifest = decodeManifest(schema);
    return {
      summary: { ...BLANK_SUMMARY, error: messageOf(error) },
      rois: allocateRoiTable(0, manifest.classes.length, manifest.precision, roiBoxOf(manifest)),
      gts: allocateGtTable(0),
    };
  }
}

function takeRois(model: PanelModel, imageIndex: number, { bytes, row }: ImageBytes): void {
  if (model.schema.value === null) return;
  const { rois } = decodeImage(model.schema.value, bytes, row);
  model.others.value = new Map(model.others.value).set(imageIndex, rois);
}

/** One line for the person; the same line once. */
export function addNotice(model: PanelModel, level: PanelNotice['level'], text: string): void {
  dropNotice(model, text);
  model.notices.value = [...model.notices.value, { id: ++lastNotice, level, text }].slice(-MAX_NOTICES);
}

/** Takes back what is no longer so. */
export function dropNotice(model: PanelModel, text: string): void {
  model.notices.value = model.notices.value.filter((notice) => notice.text !== text);
}

/** The row that a new image opens with. */
function hardestSelected(selection: ImageSelection | null): number {
  return selection?.order.find((row) => selection.status[row] === Status.selected) ?? NONE;
}
