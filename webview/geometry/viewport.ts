/** The map from image px to CSS px of the stage: stage = image * scale + (x, y). */
export interface Viewport {
  /** CSS px per image px, > 0. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A box in image px, as four numbers. */
export interface Rect {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Room left around a fitted image, CSS px: boxes may reach over its edge. */
const FIT_MARGIN = 20;
/** Part of the image that panning must leave on the stage, CSS px. */
const KEEP_VISIBLE = 48;
/** Largest magnification, CSS px per image px. */
const MAX_SCALE = 64;
/** Share of the stage's shorter side that a focused box takes. */
const FOCUS_SHARE = 0.4;
/** Least image px around a focused box that stay in view on each side: what the object stands in. */
const FOCUS_CONTEXT = 12;

/**
 * The whole image, centred.
 * A stage or image without area gives scale 1 at the origin.
 */
export function fitViewport(image: Size, stage: Size): Viewport {
  const scale = fitScale(image, stage);
  return { scale, x: (stage.width - image.width * scale) / 2, y: (stage.height - image.height * scale) / 2 };
}

function fitScale(image: Size, stage: Size): number {
  const width = Math.max(stage.width - 2 * FIT_MARGIN, 1);
  const height = Math.max(stage.height - 2 * FIT_MARGIN, 1);
  if (!(image.width > 0 && image.height > 0 && stage.width > 0 && stage.height > 0)) return 1;
  return Math.min(width / image.width, height / image.height, MAX_SCALE);
}

/** One image px on one CSS px, keeping the point in the stage's middle. */
export function actualSize(viewport: Viewport, image: Size, stage: Size): Viewport {
  return zoomAt(viewport, 1 / viewport.scale, stage.width / 2, stage.height / 2, image, stage);
}

/**
 * Magnifies by `factor` so that the image point under (stageX, stageY) stays there.
 * The scale is held between half of "fit" (or half of 1:1 for small images) and MAX_SCALE.
 */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  stageX: number,
  stageY: number,
  image: Size,
  stage: Size,
): Viewport {
  const least = Math.min(fitScale(image, stage), 1) / 2;
  const scale = Math.min(Math.max(viewport.scale * factor, least), MAX_SCALE);
  const ratio = scale / viewport.scale;
  const moved = { scale, x: stageX - (stageX - viewport.x) * ratio, y: stageY - (stageY - viewport.y) * ratio };
  return keepVisible(moved, image, stage);
}

/** Moves the image by CSS px. */
export function panBy(viewport: Viewport, dx: number, dy: number, image: Size, stage: Size): Viewport {
  return keepVisible({ scale: viewport.scale, x: viewport.x + dx, y: viewport.y + dy }, image, stage);
}

/** A box in the middle of the stage with what stands around it: the way to look at tiny objects. */
export function zoomToBox(box: Rect, image: Size, stage: Size): Viewport {
  const width = Math.max(box.x2 - box.x1, 1);
  const height = Math.max(box.y2 - box.y1, 1);
  const scale = Math.min(
    MAX_SCALE,
    (stage.width * FOCUS_SHARE) / width,
    (stage.height * FOCUS_SHARE) / height,
    stage.width / (width + 2 * FOCUS_CONTEXT),
    stage.height / (height + 2 * FOCUS_CONTEXT),
  );
  const x = stage.width / 2 - ((box.x1 + box.x2) / 2) * scale;
  const y = stage.height / 2 - ((box.y1 + box.y2) / 2) * scale;
  return keepVisible({ scale, x, y }, image, stage);
}

/** Moves the image by the least amount that brings a box into view; a box larger than the stage is left alone. */
export function revealBox(viewport: Viewport, box: Rect, image: Size, stage: Size): Viewport {
  const dx = shiftIntoView(box.x1 * viewport.scale + viewport.x, box.x2 * viewport.scale + viewport.x, stage.width);
  const dy = shiftIntoView(box.y1 * viewport.scale + viewport.y, box.y2 * viewport.scale + viewport.y, stage.height);
  return dx === 0 && dy === 0 ? viewport : panBy(viewport, dx, dy, image, stage);
}

function shiftIntoView(low: number, high: number, length: number): number {
  if (high - low > length || (low >= 0 && high <= length)) return 0;
  return low < 0 ? -low : length - high;
}

function keepVisible(viewport: Viewport, image: Size, stage: Size): Viewport {
  return {
    scale: viewport.scale,
    x: keepAxisVisible(viewport.x, image.width * viewport.scale, stage.width),
    y: keepAxisVisible(viewport.y, image.height * viewport.scale, stage.height),
  };
}

function keepAxisVisible(offset: number, length: number, room: number): number {
  const keep = Math.min(KEEP_VISIBLE, length, room);
  return Math.min(Math.max(offset, keep - length), room - keep);
}
