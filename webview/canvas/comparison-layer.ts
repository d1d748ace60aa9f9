/**
 * Draws who selects what, without relying on colour: both a plain white frame, only A a blue frame with its letter at
 * the top left, only B an orange dashed frame with its letter at the top right. The hues differ in lightness and for
 * every kind of colour vision (after Okabe and Ito, "Color Universal Design", 2008).
 */
import { Mark, SELECTED_MARKS, type SelectedMark } from '../rows/comparison.js';
import { paintGts, paintRest, strokeBoxes, type BoxScene } from './box-layer.js';
import type { Stroke } from './marks.js';
import { stageRect } from './surface.js';

/** Colours on a photograph: no theme changes them. The style sheet's marks are the same. */
export const MARK_COLOUR: Readonly<Record<SelectedMark, string>> = {
  [Mark.both]: '#ffffff',
  [Mark.onlyA]: '#56b4e9',
  [Mark.onlyB]: '#e69f00',
};
const STROKE: Readonly<Record<SelectedMark, Stroke>> = {
  [Mark.both]: { width: 1, dash: [], alpha: 0.9, halo: 2 },
  [Mark.onlyA]: { width: 2, dash: [], alpha: 1, halo: 2 },
  [Mark.onlyB]: { width: 2, dash: [6, 4], alpha: 1, halo: 2 },
};
const LETTER: Readonly<Partial<Record<SelectedMark, string>>> = { [Mark.onlyA]: 'A', [Mark.onlyB]: 'B' };
/** Side of a letter's corner, CSS px. */
const CORNER = 12;

/** Paints what is drawn of each mark: common ground first, differences on top. */
export function paintComparison(context: CanvasRenderingContext2D, scene: BoxScene, fontFamily: string): void {
  paintRest(context, scene);
  for (const mark of SELECTED_MARKS) {
    const rows = scene.rows.drawn[mark];
    strokeBoxes(context, scene, rows, STROKE[mark], MARK_COLOUR[mark]);
    const letter = LETTER[mark];
    if (letter !== undefined) for (const row of rows) paintCorner(context, scene, row, mark, letter, fontFamily);
  }
  paintGts(context, scene, fontFamily);
}

/** A filled corner inside the box: left for A, right for B, so that both are seen where two boxes coincide. */
function paintCorner(
  context: CanvasRenderingContext2D,
  scene: BoxScene,
  row: number,
  mark: SelectedMark,
  letter: string,
  fontFamily: string,
): void {
  const { x1, y1, x2 } = stageRect(scene.boxes, row, scene.viewport);
  const left = Math.round(mark === Mark.onlyA ? x1 : x2 - CORNER);
  const top = Math.round(y1);
  context.fillStyle = MARK_COLOUR[mark];
  context.fillRect(left, top, CORNER, CORNER);
  context.fillStyle = '#000000';
  context.font = `700 10px ${fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(letter, left + CORNER / 2, top + CORNER / 2 + 0.5);
  context.textAlign = 'start';
}
