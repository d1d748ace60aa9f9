/** Draws the scatter of losses: the largest groups largest, what got worse on top. */
import { CHANGE_IDS, type Change } from '../../src/core/reports/checkpoint-changes.js';
import { SCATTER_BINS, type Scatter } from '../../src/protocol/checkpoint-messages.js';
import type { ThemeLook } from '../chrome/theme.js';
import { formatLoss } from '../rows/format.js';
import { t } from '../words/t.js';
import { CHANGE_LOOKS } from './change-looks.js';
import { shareOf, stepStart, tickLosses, type Area, type Cell, type ScatterLayout } from './scatter-layout.js';

export interface ScatterScene {
  readonly scatter: Scatter;
  readonly highLoss: number;
  readonly layout: ScatterLayout;
  readonly area: Area | null;
  /** Where the keys are; null while they are elsewhere. */
  readonly cursor: Cell | null;
  readonly look: ThemeLook;
  colourOf(change: Change): string;
  readonly focus: string;
}

/** Half the size of a mark of one example, and of the largest, CSS px. */
const [LEAST, MOST] = [2.2, 5];
/** The paths of marks are made for this half size. */
const PATH_SIZE = 5;

/** Paints over a cleared canvas. */
export function paintScatter(context: CanvasRenderingContext2D, scene: ScatterScene): void {
  paintGround(context, scene);
  const most = Math.max(...scene.scatter.cells.map((cell) => cell[3]), 1);
  // Codes go from worst to best.
  for (const [code, change] of [...CHANGE_IDS.entries()].reverse())
    for (const [a, b, , count] of scene.scatter.cells.filter((cell) => cell[2] === code))
      paintMark(context, scene, { a, b }, change, sizeOf(count, most));
  if (scene.area !== null) paintArea(context, scene, scene.area, []);
  if (scene.cursor !== null) paintArea(context, scene, { a: only(scene.cursor.a), b: only(scene.cursor.b) }, [2, 2]);
}

function only(step: number) {
  return { first: step, last: step };
}

function sizeOf(count: number, most: number): number {
  return most === 1 ? LEAST + 1 : LEAST + ((MOST - LEAST) * Math.log(count)) / Math.log(most);
}

function paintMark(
  context: CanvasRenderingContext2D,
  { layout, colourOf }: ScatterScene,
  cell: Cell,
  change: Change,
  size: number,
): void {
  const { path, filled } = CHANGE_LOOKS[change];
  context.save();
  context.translate(
    layout.left + stepStart(cell.a, layout) + layout.step / 2,
    layout.bottom - stepStart(cell.b, layout) - layout.step / 2,
  );
  context.scale(size / PATH_SIZE, size / PATH_SIZE);
  const shape = new Path2D(path);
  context.lineWidth = (1.6 * PATH_SIZE) / size;
  context.fillStyle = context.strokeStyle = colourOf(change);
  if (filled) context.fill(shape);
  else context.stroke(shape);
  context.restore();
}

/** Axes with numbers, the diagonal of what has not moved, the threshold, the band of "no RoI". */
function paintGround(context: CanvasRenderingContext2D, { layout, scatter, highLoss, look }: ScatterScene): void {
  const { left, bottom, length, step } = layout;
  context.font = look.smallFont;
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, bottom - length - 0.5, length, length);
  const none = stepStart(SCATTER_BINS, layout);
  context.strokeRect(left + none + 0.5, bottom - length - 0.5, step, length);
  context.strokeRect(left + 0.5, bottom - none - step - 0.5, length, step);
  line(context, [left, bottom], [left + length, bottom - length]);
  const high = shareOf(highLoss, scatter.most) * length;
  context.strokeStyle = look.quiet;
  context.setLineDash([4, 3]);
  line(context, [left + high, bottom], [left + high, bottom - length]);
  line(context, [left, bottom - high], [left + length, bottom - high]);
  context.setLineDash([]);
  context.fillStyle = look.quiet;
  for (const loss of tickLosses(scatter.most)) {
    const along = shareOf(loss, scatter.most) * length;
    write(context, formatTick(loss), left + along, bottom + 10, 'center');
    write(context, formatTick(loss), left - 4, bottom - along, 'right');
  }
  write(context, '–', left + none + step / 2, bottom + 10, 'center');
  write(context, '–', left - 4, bottom - none - step / 2, 'right');
  context.fillStyle = look.foreground;
  write(context, t('Loss at A'), left + length / 2, bottom + 25, 'center');
  context.save();
  context.translate(8, bottom - length / 2);
  context.rotate(-Math.PI / 2);
  write(context, t('Loss at B'), 0, 0, 'center');
  context.restore();
}

function formatTick(loss: number): string {
  return Number.isInteger(loss) ? String(loss) : formatLoss(loss).replace(/0+$/, '');
}

function line(context: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  context.beginPath();
  context.moveTo(Math.round(from[0]) + 0.5, Math.round(from[1]) + 0.5);
  context.lineTo(Math.round(to[0]) + 0.5, Math.round(to[1]) + 0.5);
  context.stroke();
}

function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, align: CanvasTextAlign): void {
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.fillText(text, x, y);
}

function paintArea(
  context: CanvasRenderingContext2D,
  { layout, focus }: ScatterScene,
  { a, b }: Area,
  dash: readonly number[],
): void {
  const { left, bottom, step } = layout;
  const [x1, x2] = [left + stepStart(a.first, layout), left + stepStart(a.last, layout) + step];
  const [y1, y2] = [bottom - stepStart(b.last, layout) - step, bottom - stepStart(b.first, layout)];
  context.strokeStyle = focus;
  context.lineWidth = 2;
  context.setLineDash([...dash]);
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.setLineDash([]);
}
