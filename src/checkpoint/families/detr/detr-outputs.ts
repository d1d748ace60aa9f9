/** Hugging Face's two outputs of a DETR: `logits` [1, Q, C] and `pred_boxes` [1, Q, 4], (cx, cy, w, h) in 0…1. */
import type { Outputs } from '../family.js';
import type { Columns } from '../layout.js';
import { allColumns, tableNamed } from '../look.js';

export interface DetrOutputs {
  readonly logits: Columns;
  readonly boxes: Columns;
}

/** Bound by name: with four classes the shapes are the same. */
export function detrOutputs(outputs: Outputs, logits = 'logits', boxes = 'pred_boxes'): DetrOutputs | null {
  const scores = tableNamed(outputs, logits);
  const corners = tableNamed(outputs, boxes);
  if (scores === null || corners?.axes[1] !== 4 || scores.axes[0] !== corners.axes[0]) return null;
  return { logits: allColumns(scores), boxes: allColumns(corners) };
}
