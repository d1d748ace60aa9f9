/** How each kind of box is stroked: status is told by the stroke, colour only by rank. */

export interface Stroke {
  /** CSS px. */
  readonly width: number;
  readonly dash: readonly number[];
  readonly alpha: number;
  /** Extra width of the dark halo, CSS px; 0 none. */
  readonly halo: number;
}

export const HALO = 'rgba(0, 0, 0, 0.62)';
export const SELECTED: Stroke = { width: 2, dash: [], alpha: 1, halo: 2 };
export const SUPPRESSED: Stroke = { width: 1, dash: [5, 4], alpha: 1, halo: 2 };
export const BELOW: Stroke = { width: 1, dash: [], alpha: 0.22, halo: 0 };
/** Below the budget, where colour tells a weight that every RoI has. */
export const BELOW_WEIGHED: Stroke = { width: 1, dash: [], alpha: 0.75, halo: 0 };
export const IGNORED: Stroke = { width: 1, dash: [], alpha: 0.7, halo: 0 };
export const GROUND_TRUTH: Stroke = { width: 1.5, dash: [1.5, 3], alpha: 1, halo: 1.5 };
/** A ground truth of which the network says "background". */
export const MISSED: Stroke = { width: 2.5, dash: [2.5, 3.5], alpha: 1, halo: 2.5 };
export const MATCHED: Stroke = { width: 3, dash: [3, 3], alpha: 1, halo: 3 };
export const FOCUSED: Stroke = { width: 4, dash: [], alpha: 1, halo: 4 };
export const HOVERED: Stroke = { width: 3, dash: [], alpha: 1, halo: 3 };
export const OTHER_BOX: Stroke = { width: 1, dash: [8, 3, 2, 3], alpha: 1, halo: 2 };
export const RELATED: Stroke = { width: 2, dash: [6, 4], alpha: 1, halo: 2 };

/** Colours that carry no rank. They stand on a photograph, not on the editor's ground, so no theme changes them. */
export const COLOUR = {
  groundTruth: '#ffffff',
  missed: '#ff8ae2',
  below: '#d5d7e6',
  ignored: '#c9c9c9',
  invalid: '#ff8a80',
  /** RoIs suppressed by the focused one, and the line to a suppressor. */
  related: '#4fc1ff',
  tagText: '#ffffff',
  tagGround: 'rgba(0, 0, 0, 0.78)',
  /** sRGB bytes of the density's tint. */
  density: [96, 205, 214],
} as const;

/** Strokes the current path: a dark halo, then the line. */
export function strokePath(context: CanvasRenderingContext2D, stroke: Stroke, colour: string): void {
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (stroke.halo > 0) {
    context.strokeStyle = HALO;
    context.lineWidth = stroke.width + stroke.halo;
    context.stroke();
  }
  context.setLineDash([...stroke.dash]);
  context.globalAlpha = stroke.alpha;
  context.strokeStyle = colour;
  context.lineWidth = stroke.width;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
