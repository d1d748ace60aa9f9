/** Keeps the three canvases of the stage up to date: picture, boxes, focus. Each is drawn at most once a frame. */
import { effect, signal, type Signal } from '@preact/signals';
import { NONE, type GtTable } from '../../src/core/tables.js';
import { MARK_WORDS } from '../rows/comparison.js';
import type { PanelModel, Side, SideId } from '../state/model.js';
import { shortenName } from '../rows/middle.js';
import { focusTag, groundTruthTag, hoverTag, roiWords } from '../rows/roi-text.js';
import { paintBoxes, type BoxScene } from './box-layer.js';
import { paintComparison } from './comparison-layer.js';
import { paintFocus, type FocusScene } from './focus-layer.js';
import { loadPicture, paintPicture, type Picture } from './image-layer.js';
import { followStillness } from './stillness.js';
import { openSurface } from './surface.js';
import { t } from '../words/t.js';
import { messageOf } from '../words/message-of.js';

/** Width of the stage that a character of a name is granted, CSS px. */
const NAME_SHARE = 46;

export interface StageCanvases {
  readonly picture: HTMLCanvasElement;
  readonly boxes: HTMLCanvasElement;
  readonly focus: HTMLCanvasElement;
}

/** Starts drawing one side of a comparison, A where there is none; returns how to stop. */
export function startPainting(model: PanelModel, side: SideId, canvases: StageCanvases): () => void {
  const picture = signal<Picture | null>(null);
  const stops = [
    followPicture(model, picture),
    side === 'a' ? followStillness(model) : () => {},
    paintEachFrame(
      () => ({
        picture: picture.value,
        image: model.imageSize.value,
        viewport: model.viewport.value,
        dim: model.settings.value.dim,
        stage: model.stageSize.value,
      }),
      (scene) => drawPicture(canvases.picture, scene),
    ),
    paintEachFrame(
      () => ({ scene: boxScene(model, side), overlaid: side === 'a' && model.overlay.value !== null }),
      ({ scene, overlaid }) => drawBoxes(canvases.boxes, scene, overlaid, model.stageSize.peek()),
    ),
    paintEachFrame(
      () => focusScene(model, side),
      (scene) => drawFocus(canvases, scene, model.stageSize.peek()),
    ),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Paints the latest scene in the next frame after a signal that `scene` reads has changed. */
function paintEachFrame<S>(scene: () => S, paint: (scene: S) => void): () => void {
  let frame = 0;
  const stop = effect(() => {
    const latest = scene();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => paint(latest));
  });
  return () => {
    cancelAnimationFrame(frame);
    stop();
  };
}

/** Loads the shown image's picture; a later image wins over an earlier one that loads slowly. */
function followPicture(model: PanelModel, picture: Signal<Picture | null>): () => void {
  return effect(() => {
    const uri = model.image.value?.imageUri ?? null;
    if (picture.peek()?.uri === uri) return;
    picture.peek()?.bitmap.close();
    picture.value = null;
    model.pictureNote.value = '';
    if (uri !== null) void takePicture(model, picture, uri);
  });
}

async function takePicture(model: PanelModel, picture: Signal<Picture | null>, uri: string): Promise<void> {
  const current = () => model.image.peek()?.imageUri === uri;
  try {
    const loaded = await loadPicture(uri);
    if (!current()) return loaded.bitmap.close();
    model.pictureSize.value = { width: loaded.bitmap.width, height: loaded.bitmap.height };
    picture.value = loaded;
  } catch (error) {
    if (current()) model.pictureNote.value = messageOf(error);
  }
}

interface PictureScene {
  readonly picture: Picture | null;
  readonly image: BoxScene['image'];
  readonly viewport: BoxScene['viewport'];
  readonly stage: BoxScene['stage'];
  readonly dim: number;
}

function drawPicture(canvas: HTMLCanvasElement, scene: PictureScene): void {
  const context = openSurface(canvas, scene.stage);
  if (context !== null && scene.image.width > 0)
    paintPicture(context, scene.picture, scene.image, scene.viewport, scene.dim);
  canvas.dataset['loaded'] = String(scene.picture !== null);
}

/** What a side decided and shows. */
function sideOf(model: PanelModel, side: SideId): Side {
  return side === 'a' ? model : model.other;
}

function boxScene(model: PanelModel, side: SideId): BoxScene | null {
  const { selection, colouring, layerRows } = sideOf(model, side);
  const [image, boxes] = [model.image.value, model.boxes.value];
  if (image === null || boxes === null || selection.value === null) return null;
  return {
    boxes,
    colouring: colouring.value,
    rows: layerRows.value,
    gts: model.layers.value['ground-truth'] ? image.gts : null,
    missed: model.missed.value,
    gtNames: Array.from({ length: image.gts.numGts }, (_, gt) => shortGtTag(model, image.gts, gt)),
    colours: model.colours.value,
    viewport: model.viewport.value,
    stage: model.stageSize.value,
    image: model.imageSize.value,
  };
}

function drawBoxes(
  canvas: HTMLCanvasElement,
  scene: BoxScene | null,
  overlaid: boolean,
  stage: BoxScene['stage'],
): void {
  const context = openSurface(canvas, stage);
  const start = performance.now();
  if (context !== null && scene !== null) {
    const { fontFamily } = getComputedStyle(canvas);
    if (overlaid) paintComparison(context, scene, fontFamily);
    else paintBoxes(context, scene, fontFamily);
  }
  canvas.dataset['numDrawn'] = String(scene?.rows.numDrawn ?? 0);
  const missed = scene === null || scene.gts === null ? [] : scene.missed.filter((is) => is === 1);
  canvas.dataset['numMissed'] = String(missed.length);
  canvas.dataset['numRest'] = String(scene?.rows.rest.length ?? 0);
  canvas.dataset['scale'] = String(scene?.viewport.scale ?? 1);
  canvas.dataset['paintMs'] = (performance.now() - start).toFixed(2);
}

function focusScene(model: PanelModel, side: SideId): FocusScene | null {
  const { colouring, ...view } = sideOf(model, side);
  const [image, boxes, selection] = [model.image.value, model.boxes.value, view.selection.value];
  if (image === null || boxes === null || selection === null) return null;
  const [focused, hovered, classes] = [model.focused.value, model.hovered.value, model.classes.value];
  const words = (row: number) => roiWords(image.rois, model.predictions.value, row, classes, nameLength(model));
  return {
    rois: image.rois,
    gts: image.gts,
    boxes,
    selection,
    place: colouring.value.place,
    colours: model.colours.value,
    viewport: model.viewport.value,
    stage: model.stageSize.value,
    focused,
    hovered,
    withSuppression: model.overlay.value === null,
    focusedTag: focused === NONE ? '' : focusTag(words(focused), selection, focused) + markTag(model, focused),
    hoveredTag: hovered === NONE ? '' : hoverTag(words(hovered), selection, hovered),
    groundTruthTag: focused === NONE ? '' : shortGtTag(model, image.gts, image.rois.gtIndex[focused]),
  };
}

/** Characters of a name on a tag: three names and the numbers fit the stage's width. */
function nameLength({ stageSize }: PanelModel): number {
  return Math.min(Math.max(Math.floor(stageSize.value.width / NAME_SHARE), 6), 32);
}

function shortGtTag(model: PanelModel, gts: GtTable, gt: number): string {
  const name = shortenName(groundTruthTag(gts, gt, model.classes.value), nameLength(model));
  return model.missed.value[gt] === 1 ? t('{0}: missed', name) : name;
}

/** Who selects the row, where one picture shows both sides. */
function markTag(model: PanelModel, row: number): string {
  const mark = model.overlay.value?.mark[row];
  return mark === undefined ? '' : `  ${MARK_WORDS[mark]}`;
}

function drawFocus(canvases: StageCanvases, scene: FocusScene | null, stage: BoxScene['stage']): void {
  const context = openSurface(canvases.focus, stage);
  if (context !== null && scene !== null) paintFocus(context, scene, getComputedStyle(canvases.focus).fontFamily);
  // On the boxes' canvas: the one that tests ask.
  canvases.boxes.dataset['focused'] = String(scene?.focused ?? NONE);
  canvases.boxes.dataset['hovered'] = String(scene?.hovered ?? NONE);
}
