/**
 * Where the raw heads lie in the graphs that torchvision's detectors become: found by how their operations hang
 * together, since names are of the exporter's version.
 *
 * Source: torchvision `models/detection/_utils.py` (BoxCoder.decode_single, BoxLinearCoder.decode), `roi_heads.py`,
 * `ssd.py`, `retinanet.py`, `fcos.py`, `transform.py` (BSD-3).
 */
import type { GraphNode } from '../../../core/graph.js';
import { walkOf, type GraphWalk } from '../graph-walk.js';

/**
 * Names of tensors: class logits, box codes, regions in px of the resized image, and the sizes which the graph resizes
 * the image to, (h, w) at their end; of FCOS logits of the centre-ness as well.
 */
export type RawHead = Head | readonly [...Head, centreness: string];
type Head = readonly [logits: string, codes: string, regions: string, resized: string];

/** Of Faster R-CNN: logits [R, K + 1] of a softmax, deltas [R, 4 (K + 1)], proposals [R, 4]. */
export function rcnnHead(nodes: readonly GraphNode[]): RawHead | null {
  const walk = walkOf(nodes);
  return walk.last('RoiAlign') === undefined ? null : head(walk, walk.last('Softmax')?.inputs[0], deltas(walk));
}

/** Of SSD: logits [1, A, K + 1] of a softmax, deltas [1, A, 4], priors [A, 4]. */
export function ssdHead(nodes: readonly GraphNode[]): RawHead | null {
  const walk = walkOf(nodes);
  return walk.last('RoiAlign') === undefined ? head(walk, walk.last('Softmax')?.inputs[0], deltas(walk)) : null;
}

/** Of RetinaNet: logits [1, A, C], a sigmoid each, deltas [1, A, 4], anchors [A, 4]; all levels in one. */
export function retinaNetHead(nodes: readonly GraphNode[]): RawHead | null {
  const walk = walkOf(nodes);
  return walk.last('Softmax') === undefined ? head(walk, walk.last('Sigmoid')?.inputs[0], deltas(walk)) : null;
}

/** Of FCOS: logits [1, A, C], a sigmoid each, distances [1, A, 4] in sides of the anchor, anchors [A, 4]. */
export function fcosHead(nodes: readonly GraphNode[]): RawHead | null {
  const walk = walkOf(nodes);
  // A score is the root of class score * centre-ness.
  const product = walk.maker(walk.last('Sqrt')?.inputs[0] ?? '');
  const factors = product?.op === 'Mul' ? product.inputs : [];
  const [logits, centreness] = factors.map((name) => walk.maker(name)?.inputs[0]);
  const found = head(walk, logits, distances(walk));
  return found === null || centreness === undefined ? null : [...found, walk.source(centreness)];
}

/** Box codes as they are decoded, and a width of the regions that they are decoded with. */
interface Coding {
  readonly codes: string;
  readonly width: string;
}

function head(walk: GraphWalk, logits: string | undefined, coding: Coding | null): Head | null {
  const resized = resizedTo(walk);
  const corner = walk.nearest(coding?.width ?? '', 'Sub')?.inputs[0];
  if (logits === undefined || coding === null || corner === undefined || resized === null) return null;
  return [walk.source(logits), walk.source(coding.codes), walk.source(corner), resized];
}

/** `exp(clip(delta)) * (x2 - x1)` */
function deltas(walk: GraphWalk): Coding | null {
  const exp = walk.last('Exp');
  const [codes = ''] = exp?.inputs ?? [];
  const [grown = ''] = exp?.outputs ?? [];
  const product = walk.nodes.find(({ op, inputs }) => op === 'Mul' && inputs.includes(grown));
  const width = product?.inputs.find((name) => name !== grown);
  return width === undefined || walk.maker(codes)?.op !== 'Clip' ? null : { codes, width };
}

/** `distances * stack(x2 - x1, y2 - y1, x2 - x1, y2 - y1)` */
function distances(walk: GraphWalk): Coding | null {
  const isWidth = (name: string) => walk.maker(walk.source(name))?.op === 'Sub';
  const areSides = (tensor: string) => {
    const stack = walk.maker(tensor);
    return stack?.op === 'Concat' && stack.inputs.length === 4 && stack.inputs.every(isWidth);
  };
  const product = walk.nodes.findLast(({ op, inputs: [, sides = ''] }) => op === 'Mul' && areSides(sides));
  const [codes, width] = product?.inputs ?? [];
  return codes === undefined || width === undefined ? null : { codes, width };
}

/** The image is resized before the first layer; what is resized behind it are features. */
function resizedTo({ nodes }: GraphWalk): string | null {
  const first = nodes.find(({ op }) => op === 'Resize' || op === 'Conv');
  return first?.op === 'Resize' ? (first.inputs.at(-1) ?? null) : null;
}
