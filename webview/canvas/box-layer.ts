/**
 * Draws the boxes of all visible layers, hardest last and so on top; a change of layer, budget or viewport draws
 * everything again. Each box is one `strokeRect`, which is filled directly: a path of 2,000 rectangles takes 37 ms to
 * rasterise, 2,000 `strokeRect`s 3 ms (Chromium without a GPU). Figures of the whole: test/webview/README.md.
 */
import { Status, type Boxes, type GtTable } from '../../src/core/tables.js';
import type { Colouring } from '../rows/colouring.js';
import type { ColourMap } from '../geometry/colour-map.js';
import { colourAt } from '../geometry/colour-map.js';
import { boxDensity, type Density } from '../geometry/density.js';
import type { LayerRows } from '../geometry/layer-rows.js';
import { placeNames } from '../geometry/place-names.js';
import {
  BELOW,
  BELOW_WEIGHED,
  COLOUR,
  GROUND_TRUTH,
  MISSED,
  HALO,
  IGNORED,
  SELECTED,
  strokePath,
  SUPPRESSED,
  type Stroke,
} from './marks.js';
import { slantedPattern } from './slanted-pattern.js';
import { addRect, openSurface, stageRect } from './surface.js';
import type { Size, Viewport } from '../geometry/viewport.js';

/** Colours told apart in one picture: more would only cost strokes. */
const NUM_BUCKETS = 32;
/** Dashed boxes from which a layer of their own is cheaper. */
const MANY_DASHED = 600;
/** Opacity of the densest cell. */
const DENSITY_ALPHA = 0.5;
/** Width and gap of hatching lines, CSS px. */
const HATCH = [1, 6] as const;
/** Of a ground truth, CSS px. */
const NAME = { height: 15, padding: 4, fontSize: 11 } as const;
/** Half the size of the mark on an invalid box, CSS px. */
const CROSS = 5;

export interface BoxScene {
  readonly boxes: Boxes;
  readonly colouring: Colouring;
  readonly rows: LayerRows;
  /** null: the layer is off. */
  readonly gts: GtTable | null;
  /** G: 1 for one that the network misses. */
  readonly missed: Uint8Array;
  /** Class of each ground truth, in words. */
  readonly gtNames: readonly string[];
  readonly colours: ColourMap;
  readonly viewport: Viewport;
  readonly stage: Size;
  readonly image: Size;
}

/** Paints the scene, faintest layer first. */
export function paintBoxes(context: CanvasRenderingContext2D, scene: BoxScene, fontFamily: string): void {
  const { drawn } = scene.rows;
  paintRest(context, scene);
  paintBelow(context, scene, drawn[Status.belowBudget]);
  paintIgnored(context, scene, drawn[Status.ignored]);
  paintDashed(context, scene, drawn[Status.nmsSuppressed], SUPPRESSED);
  paintRanked(context, scene, drawn[Status.selected], SELECTED);
  paintInvalid(context, scene, drawn[Status.invalid]);
  paintGts(context, scene, fontFamily);
}

/** What is below all lines: the density of boxes that are not drawn. */
export function paintRest(context: CanvasRenderingContext2D, scene: BoxScene): void {
  context.lineJoin = 'miter';
  if (scene.rows.rest.length > 0) paintDensity(context, scene);
}

export function paintGts(context: CanvasRenderingContext2D, scene: BoxScene, fontFamily: string): void {
  if (scene.gts === null) return;
  paintGroundTruth(context, scene, scene.gts);
  paintNames(context, { ...scene, boxes: scene.gts }, scene.gtNames, fontFamily);
}

function tracePath(
  context: CanvasRenderingContext2D,
  scene: BoxScene,
  boxes: Boxes,
  rows: Iterable<number>,
  width: number,
): void {
  context.beginPath();
  for (const row of rows) addRect(context, stageRect(boxes, row, scene.viewport), scene.stage, width);
}

/** @param rows hardest first. */
function paintRanked(
  context: CanvasRenderingContext2D,
  scene: BoxScene,
  rows: readonly number[],
  stroke: Stroke,
): void {
  let end = rows.length;
  while (end > 0) {
    const bucket = bucketOf(scene.colouring.place[rows[end - 1]]);
    let start = end - 1;
    while (start > 0 && bucketOf(scene.colouring.place[rows[start - 1]]) === bucket) start--;
    strokeBoxes(context, scene, rows.slice(start, end), stroke, colourAt(scene.colours, bucket / (NUM_BUCKETS - 1)));
    end = start;
  }
}

/**
 * Ranked boxes in dashes. Few are stroked with stripes; many are drawn solid on a layer of their own, out of which one
 * fill takes the gaps: some 6 ms for the layer, but a tenth for each line.
 */
function paintDashed(
  context: CanvasRenderingContext2D,
  scene: BoxScene,
  rows: readonly number[],
  stroke: Stroke,
): void {
  if (rows.length < MANY_DASHED) return paintRanked(context, scene, rows, stroke);
  const { canvas } = context;
  const layer = openSurface(dashLayer, scene.stage);
  if (layer === null) return;
  strokeHalos(context, sidesOf(scene, rows, stroke.width), stroke);
  paintRanked(layer, scene, rows, { ...stroke, dash: [], halo: 0 });
  layer.globalCompositeOperation = 'destination-in';
  layer.fillStyle = slantedPattern(layer, '#000000', stroke.dash) ?? '#000000';
  layer.fillRect(0, 0, scene.stage.width, scene.stage.height);
  layer.globalCompositeOperation = 'source-over';
  context.drawImage(dashLayer, 0, 0, canvas.width, canvas.height, 0, 0, scene.stage.width, scene.stage.height);
}

const dashLayer = document.createElement('canvas');

/** Boxes and where they go. */
export type PlacedBoxes = Pick<BoxScene, 'boxes' | 'viewport' | 'stage'>;

/** Strokes many boxes in one look: halos first, then lines. */
export function strokeBoxes(
  context: CanvasRenderingContext2D,
  scene: PlacedBoxes,
  rows: readonly number[],
  stroke: Stroke,
  colour: string,
): void {
  const sides = sidesOf(scene, rows, stroke.width);
  strokeHalos(context, sides, stroke);
  context.strokeStyle = stroke.dash.length === 0 ? colour : (slantedPattern(context, colour, stroke.dash) ?? colour);
  context.lineWidth = stroke.width;
  context.globalAlpha = stroke.alpha;
  for (const side of sides) context.strokeRect(...side);
  context.globalAlpha = 1;
}

/** Left, top, width, height. */
type Sides = [number, number, number, number];

function sidesOf(scene: PlacedBoxes, rows: readonly number[], lineWidth: number): Sides[] {
  const sides: Sides[] = [];
  const collect = { rect: (...side: Sides) => sides.push(side) };
  for (const row of rows) addRect(collect, stageRect(scene.boxes, row, scene.viewport), scene.stage, lineWidth);
  return sides;
}

function strokeHalos(context: CanvasRenderingContext2D, sides: readonly Sides[], stroke: Stroke): void {
  if (stroke.halo === 0) return;
  context.strokeStyle = HALO;
  context.lineWidth = stroke.width + stroke.halo;
  for (const side of sides) context.strokeRect(...side);
}

/** Ranks are for those that train; a weight is for all. */
function paintBelow(context: CanvasRenderingContext2D, scene: BoxScene, rows: readonly number[]): void {
  if (scene.colouring.by === 'rank') strokeBoxes(context, scene, rows, BELOW, COLOUR.below);
  else paintRanked(context, scene, rows, BELOW_WEIGHED);
}

function bucketOf(place: number): number {
  return Math.round(place * (NUM_BUCKETS - 1));
}

function paintIgnored(context: CanvasRenderingContext2D, scene: BoxScene, rows: readonly number[]): void {
  if (rows.length === 0) return;
  tracePath(context, scene, scene.boxes, rows, IGNORED.width);
  hatchPath(context, COLOUR.ignored, 0.55);
  strokePath(context, IGNORED, COLOUR.ignored);
}

/** Fills the current path with slanted lines. */
function hatchPath(context: CanvasRenderingContext2D, colour: string, alpha: number): void {
  const pattern = slantedPattern(context, colour, HATCH);
  if (pattern === null) return;
  context.globalAlpha = alpha;
  context.fillStyle = pattern;
  context.fill();
  context.globalAlpha = 1;
}

function paintInvalid(context: CanvasRenderingContext2D, scene: BoxScene, rows: readonly number[]): void {
  context.beginPath();
  for (const row of rows) {
    const rect = stageRect(scene.boxes, row, scene.viewport);
    const [x, y] = [(rect.x1 + rect.x2) / 2, (rect.y1 + rect.y2) / 2];
    context.moveTo(x - CROSS, y - CROSS);
    context.lineTo(x + CROSS, y + CROSS);
    context.moveTo(x + CROSS, y - CROSS);
    context.lineTo(x - CROSS, y + CROSS);
  }
  strokePath(context, SELECTED, COLOUR.invalid);
}

function paintGroundTruth(context: CanvasRenderingContext2D, scene: BoxScene, gts: GtTable): void {
  const rows = Array.from({ length: gts.numGts }, (_, g) => g);
  const vague = rows.filter((g) => gts.isCrowd[g] === 1 || gts.isDifficult[g] === 1);
  if (vague.length > 0) {
    tracePath(context, scene, gts, vague, GROUND_TRUTH.width);
    hatchPath(context, COLOUR.groundTruth, 0.3);
  }
  const isMissed = (g: number) => scene.missed[g] === 1;
  tracePath(
    context,
    scene,
    gts,
    rows.filter((g) => !isMissed(g)),
    GROUND_TRUTH.width,
  );
  strokePath(context, GROUND_TRUTH, COLOUR.groundTruth);
  tracePath(context, scene, gts, rows.filter(isMissed), MISSED.width);
  strokePath(context, MISSED, COLOUR.missed);
}

/** The names of boxes, as many as there is room for. */
export function paintNames(
  context: CanvasRenderingContext2D,
  { boxes, viewport, stage }: PlacedBoxes,
  names: readonly string[],
  fontFamily: string,
): void {
  context.font = `${NAME.fontSize}px ${fontFamily}`;
  const widths = names.map((name) => context.measureText(name).width + 2 * NAME.padding);
  const rects = names.map((_, row) => stageRect(boxes, row, viewport));
  context.textBaseline = 'middle';
  for (const { index, x, y } of placeNames(rects, widths, NAME.height, stage)) {
    context.fillStyle = COLOUR.tagGround;
    context.fillRect(x, y, widths[index], NAME.height);
    context.fillStyle = COLOUR.tagText;
    context.fillText(names[index], x + NAME.padding, y + NAME.height / 2 + 0.5);
  }
}

function paintDensity(context: CanvasRenderingContext2D, scene: BoxScene): void {
  const density = boxDensity(scene.boxes, scene.rows.rest, scene.image);
  const tile = densityTile(density);
  const { scale, x, y } = scene.viewport;
  // Cells are square in image px; the last column and row may reach over the image's edge.
  const cell = Math.max(scene.image.width, scene.image.height) / Math.max(density.numColumns, density.numRows);
  context.save();
  context.beginPath();
  context.rect(x, y, scene.image.width * scale, scene.image.height * scale);
  context.clip();
  context.imageSmoothingEnabled = true;
  context.drawImage(tile, x, y, density.numColumns * cell * scale, density.numRows * cell * scale);
  context.restore();
}

function densityTile(density: Density): HTMLCanvasElement {
  const tile = document.createElement('canvas');
  tile.width = density.numColumns;
  tile.height = density.numRows;
  const context = tile.getContext('2d');
  if (context === null) return tile;
  const pixels = context.createImageData(tile.width, tile.height);
  density.value.forEach((value, i) => {
    pixels.data.set(COLOUR.density, i * 4);
    pixels.data[i * 4 + 3] = 255 * DENSITY_ALPHA * value;
  });
  context.putImageData(pixels, 0, 0);
  return tile;
}
