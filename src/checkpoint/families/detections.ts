/** Outputs that cannot be mined, known by name: detections after NMS or a top-k, and heads that are not decoded. */
import type { Tensor } from '../../core/graph.js';
import { said } from '../../core/said.js';
import type { DetectionsOnly } from '../sidecars/sidecar.js';
import type { Outputs } from './family.js';

const INSIDE: DetectionsOnly = {
  why: said`NMS is inside`,
  todo: 'Export it without NMS (Ultralytics: nms=False, end2end=False; YOLOv6, v7: without --end2end)',
};
const TOP_K: DetectionsOnly = {
  why: said`the best rows of query x class are chosen inside`,
  todo: 'Export the logits and boxes of all queries (Hugging Face’s exporter does)',
};

/** Says what they are; null for outputs that may be candidates. Looks at names, shapes and values of one forward. */
export function detectionsIn(outputs: Outputs): DetectionsOnly | null {
  const names = Object.keys(outputs);
  if (names.some((name) => /^num_(dets|detections)$/.test(name))) return INSIDE;
  const tensors = Object.values(outputs);
  if (tensors.length === 1 && tensors.some(isRowsOfDetections)) return INSIDE;
  const labels = outputs['labels'];
  if (labels === undefined || !isWhole(labels)) return null;
  return outputs['dets'] === undefined && names.length === 3 && labels.shape.length === 2 ? TOP_K : INSIDE;
}

/** [1, N, 6] or [N, 6] with one column of whole class ids, or [N, 7] with the image's number as well. */
function isRowsOfDetections({ shape, data }: Tensor): boolean {
  const columns = shape.at(-1) ?? 0;
  const batch = shape.length === 3 ? shape[0] : 1;
  if (shape.length < 2 || shape.length > 3 || batch !== 1 || (columns !== 6 && columns !== 7)) return false;
  // Ultralytics and YOLOv7 end in the class or have it before the score; Paddle begins with it.
  const ids = columns === 7 ? [5, 6] : [5, 0];
  return ids.some((column) => isWholeColumn(data, columns, column));
}

function isWholeColumn(data: Tensor['data'], columns: number, column: number): boolean {
  for (let at = column; at < data.length; at += columns) if (!Number.isInteger(data[at])) return false;
  return true;
}

function isWhole({ data }: Tensor): boolean {
  return isWholeColumn(data, 1, 0);
}

/** The scores of a classifier: one [1, K] and nothing else. */
export function isClassifier(outputs: Outputs): boolean {
  const [scores, ...others] = Object.values(outputs);
  return others.length === 0 && scores?.shape.length === 2 && scores.shape[0] === 1;
}

/** YOLOv5 and v7 without decoding: for each stride float [1, 3 anchors, H, W, 5 + K], whose anchors no file names. */
export function isUndecodedYolo(outputs: Outputs): boolean {
  const tensors = Object.values(outputs);
  const columns = tensors[0]?.shape.at(-1) ?? 0;
  return (
    tensors.length > 1 &&
    columns > 5 &&
    tensors.every(({ shape }) => shape.length === 5 && shape[1] === 3 && shape[4] === columns)
  );
}
