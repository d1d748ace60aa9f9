/**
 * Draws the boxes of all visible layers. Strokes are batched by colour, hardest last and so on top; a change of
 * layer, budget or viewport draws everything again. Figures: test/webview/README.md.
 */
import { Status, type Boxes, type GtTable } from '../../src/core/tables.js';
import type { ColourMap } from './colour-map.js';
import { colourAt } from './colour-map.js';
import { boxDensity, type Density } from './density.js';
import type { LayerRows } from './layer-rows.js';
import { BELOW, COLOUR, GROUND_TRUTH, HALO, IGNORED, SELECTED, strokePath, SUPPRESSED, type Stroke } from './marks.js';
import { slantedPattern } from './slanted-pattern.js';
import { addRect, stageRect } from './surface.js';
import type { Size, Viewport } from './viewport.js';

/** Colours told apart in one picture: more would only cost strokes. */
const NUM_BUCKETS = 32;
/** Opacity of the densest cell. */
const DENSITY_ALPHA = 0.5;
/** Width and gap of hatching lines, CSS px. */
const HATCH = [1, 6] as const;
/** Half the size of the mark on an invalid box, CSS px. */
const CROSS = 5;

export interface BoxScene {
  readonly boxes: Boxes;
  /** R, [0, 1]: `ImageSelection.hardness`. */
  readonly hardness: Float32Array;
  readonly rows: LayerRows;
  /** null: the layer is off. */
  readonly gts: GtTable | null;
  readonly colours: ColourMap;
  readonly viewport: Viewport;
  readonly stage: Size;
  readonly image: Size;
}

/** Paints the scene, faintest layer first. */
export function paintBoxes(context: CanvasRenderingContext2D, scene: BoxScene): void {
  const { drawn, rest } = scene.rows;
  context.lineJoin = 'miter';
  if (rest.length > 0) paintDensity(context, scene);
  strokeBoxes(context, scene, drawn[Status.belowBudget], BELOW, COLOUR.below);
  paintIgnored(context, scene, drawn[Status.ignored]);
  paintRanked(context, scene, drawn[Status.nmsSuppressed], SUPPRESSED);
  paintRanked(context, scene, drawn[Status.selected], SELECTED);
  paintInvalid(context, scene, drawn[Status.invalid]);
  if (scene.gts !== null) paintGroundTruth(context, scene, scene.gts);
}

function tracePath(context: CanvasRenderingContext2D, scene: BoxScene, boxes: Boxes, rows: Iterable<number>, width: number): void {
  context.beginPath();
  for (const row of rows) addRect(context, stageRect(boxes, row, scene.viewport), scene.stage, width);
}

/** @param rows hardest first. */
function paintRanked(context: CanvasRenderingContext2D, scene: BoxScene, rows: readonly number[], stroke: Stroke): void {
  let end = rows.length;
  while (end > 0) {
    const bucket = bucketOf(scene.hardness[rows[end - 1]]);
    let start = end - 1;
    while (start > 0 && bucketOf(scene.hardness[rows[start - 1]]) === bucket) start--;
    strokeBoxes(context, scene, rows.slice(start, end), stroke, colourAt(scene.colours, bucket / (NUM_BUCKETS - 1)));
    end = start;
  }
}

/**
 * Strokes many boxes in one look: halos first, then lines. One `strokeRect` each, which is filled directly; a path of
 * thousands of rectangles, and `setLineDash` on it, cost twenty times as much.
 */
function strokeBoxes(context: CanvasRenderingContext2D, scene: BoxScene, rows: readonly number[], stroke: Stroke, colour: string): void {
  const sides: [number, number, number, number][] = [];
  const collect = { rect: (x: number, y: number, width: number, height: number) => sides.push([x, y, width, height]) };
  for (const row of rows) addRect(collect, stageRect(scene.boxes, row, scene.viewport), scene.stage, stroke.width);
  if (stroke.halo > 0) {
    context.strokeStyle = HALO;
    context.lineWidth = stroke.width + stroke.halo;
    for (const side of sides) context.strokeRect(...side);
  }
  context.strokeStyle = stroke.dash.length > 0 ? (slantedPattern(context, colour, stroke.dash) ?? colour) : colour;
  context.lineWidth = stroke.width;
  context.globalAlpha = stroke.alpha;
  for (const side of sides) context.strokeRect(...side);
  context.globalAlpha = 1;
}

function bucketOf(hardness: number): number {
  return Math.round(hardness * (NUM_BUCKETS - 1));
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
  tracePath(context, scene, gts, rows, GROUND_TRUTH.width);
  strokePath(context, GROUND_TRUTH, COLOUR.groundTruth);
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
