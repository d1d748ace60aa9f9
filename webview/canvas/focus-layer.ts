/**
 * Draws what belongs to one RoI: the focused one with its boxes, ground truth, suppressor and victims; the hovered one.
 */
import { NONE, regressedBoxes, Status, type Boxes, type GtTable, type RoiTable } from '../../src/core/tables.js';
import type { ImageSelection } from '../rows/image-selection.js';
import { suppressedRows } from '../rows/image-selection.js';
import { colourAt, type ColourMap } from '../geometry/colour-map.js';
import { COLOUR, FOCUSED, HOVERED, MATCHED, OTHER_BOX, RELATED, strokePath, SUPPRESSED, type Stroke } from './marks.js';
import { addRect, stageRect } from './surface.js';
import { paintTag } from './tag.js';
import type { Rect, Size, Viewport } from '../geometry/viewport.js';

/** Most victims that are drawn; the list and the details name the others. */
const MAX_RELATED = 120;

export interface FocusScene {
  readonly rois: RoiTable;
  readonly gts: GtTable;
  /** The boxes that stand for the RoIs. */
  readonly boxes: Boxes;
  readonly selection: ImageSelection;
  /** R, [0, 1] along the colour map. */
  readonly place: Float32Array;
  readonly colours: ColourMap;
  readonly viewport: Viewport;
  readonly stage: Size;
  /** Rows; NONE. */
  readonly focused: number;
  readonly hovered: number;
  /** Whether suppressor and victims are drawn: not over a comparison, which has lines of its own. */
  readonly withSuppression: boolean;
  /** Words on the two tags. */
  readonly focusedTag: string;
  readonly hoveredTag: string;
  /** Name of the matched ground truth's class; '' none. */
  readonly groundTruthTag: string;
}

/** Paints the hovered RoI below the focused one. */
export function paintFocus(context: CanvasRenderingContext2D, scene: FocusScene, fontFamily: string): void {
  const { focused, hovered } = scene;
  if (focused !== NONE) paintRelations(context, scene, fontFamily);
  if (hovered !== NONE && hovered !== focused) {
    paintRow(context, scene, hovered, HOVERED);
    paintTag(context, {
      text: scene.hoveredTag,
      rect: rectOf(scene, hovered),
      stage: scene.stage,
      side: 'below',
      fontFamily,
    });
  }
  if (focused === NONE) return;
  paintRow(context, scene, focused, FOCUSED);
  const tag = { text: scene.focusedTag, rect: rectOf(scene, focused), stage: scene.stage, fontFamily } as const;
  paintTag(context, { ...tag, side: 'above', ground: colourOf(scene, focused) });
}

function paintRelations(context: CanvasRenderingContext2D, scene: FocusScene, fontFamily: string): void {
  const { rois, selection, focused } = scene;
  if (scene.withSuppression) {
    const victims = suppressedRows(selection, focused).slice(0, MAX_RELATED);
    strokeRects(
      context,
      scene,
      victims.map((row) => rectOf(scene, row)),
      { ...SUPPRESSED, width: 1 },
      COLOUR.related,
    );
    const by = selection.suppressedBy[focused];
    if (by !== NONE) paintSuppressor(context, scene, by);
  }
  paintOtherBox(context, scene);
  const gt = rois.gtIndex[focused];
  if (gt === NONE || gt >= scene.gts.numGts) return;
  const rect = stageRect(scene.gts, gt, scene.viewport);
  strokeRects(context, scene, [rect], MATCHED, COLOUR.groundTruth);
  paintTag(context, { text: scene.groundTruthTag, rect, stage: scene.stage, side: 'below', fontFamily });
}

/** The suppressor in its own colour, and a line between the centres. */
function paintSuppressor(context: CanvasRenderingContext2D, scene: FocusScene, by: number): void {
  const [from, to] = [rectOf(scene, scene.focused), rectOf(scene, by)];
  strokeRects(context, scene, [to], HOVERED, colourOf(scene, by));
  const [x, y] = [(to.x1 + to.x2) / 2, (to.y1 + to.y2) / 2];
  context.beginPath();
  context.moveTo((from.x1 + from.x2) / 2, (from.y1 + from.y2) / 2);
  context.lineTo(x, y);
  strokePath(context, { ...RELATED, dash: [] }, COLOUR.related);
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  strokePath(context, RELATED, COLOUR.related);
}

/** The box that does not stand for the RoI (region or regressed), tied to the one that does at its corners. */
function paintOtherBox(context: CanvasRenderingContext2D, scene: FocusScene): void {
  const { rois, focused, viewport } = scene;
  const own = rectOf(scene, focused);
  const other = stageRect(rois.roiBox === 'region' ? regressedBoxes(rois) : rois, focused, viewport);
  const apart = Math.max(
    Math.abs(own.x1 - other.x1),
    Math.abs(own.y1 - other.y1),
    Math.abs(own.x2 - other.x2),
    Math.abs(own.y2 - other.y2),
  );
  // NaN corners fail this too.
  if (!(apart >= 2)) return;
  const colour = colourOf(scene, focused);
  context.beginPath();
  for (const [x, y] of [
    ['x1', 'y1'],
    ['x2', 'y1'],
    ['x1', 'y2'],
    ['x2', 'y2'],
  ] as const) {
    context.moveTo(own[x], own[y]);
    context.lineTo(other[x], other[y]);
  }
  strokePath(context, { ...OTHER_BOX, dash: [], alpha: 0.75 }, colour);
  strokeRects(context, scene, [other], OTHER_BOX, colour);
}

function paintRow(context: CanvasRenderingContext2D, scene: FocusScene, row: number, stroke: Stroke): void {
  const dashed = scene.selection.status[row] !== Status.selected;
  strokeRects(
    context,
    scene,
    [rectOf(scene, row)],
    dashed ? { ...stroke, dash: [8, 5] } : stroke,
    colourOf(scene, row),
  );
}

function strokeRects(
  context: CanvasRenderingContext2D,
  scene: FocusScene,
  rects: readonly Rect[],
  stroke: Stroke,
  colour: string,
): void {
  if (rects.length === 0) return;
  context.beginPath();
  for (const rect of rects) addRect(context, rect, scene.stage, stroke.width);
  strokePath(context, stroke, colour);
}

function rectOf(scene: FocusScene, row: number): Rect {
  return stageRect(scene.boxes, row, scene.viewport);
}

function colourOf(scene: FocusScene, row: number): string {
  const { status } = scene.selection;
  if (status[row] === Status.ignored) return COLOUR.ignored;
  return status[row] === Status.invalid ? COLOUR.invalid : colourAt(scene.colours, scene.place[row]);
}
