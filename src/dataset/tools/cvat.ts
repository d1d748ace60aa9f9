/**
 * CVAT for images, XML 1.1: one file, an `<image>` with its shapes each. Boxes that are turned, polygons, ellipses and
 * masks become the boxes around them; points and lines have no area and are left out.
 * Source: docs.cvat.ai, "CVAT for image" (annotations.xml).
 */
import { XMLParser } from 'fast-xml-parser';
import { MiningError, show } from '../../core/mining-error.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { fileAt, filesAt, filesIn } from '../rows/annotation-file.js';
import { findImageRoot } from '../rows/image-root.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { boundsOf, boundsOfTurned, OUTLINES, type Box } from '../rows/outlines.js';
import { readBytes, sha256 } from '../rows/text-files.js';
import { xmlStartTag } from '../rows/text-places.js';
import { decodeReferences, parseXml } from '../rows/xml-text.js';
import { Warnings } from '../rows/warnings.js';

const MAX_XML_BYTES = 2 ** 26;
const MARKS = { extension: /\.xml$/i, looksLike: (head: string) => /<annotations[\s>]/.test(head) };
const SHAPES = ['box', 'polygon', 'ellipse', 'mask', 'cuboid', 'polyline', 'points', 'skeleton'];

/** An element as the parser keeps the order: its children below its name, its attributes beside it. */
interface Node {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
});

/** CVAT XML files and folders that hold one. */
export const cvatFormat: AnnotationFormat = {
  id: 'cvat',
  title: 'CVAT for images (XML 1.1)',
  task: 'detection',

  async recognise(location) {
    return (await filesAt(location, MARKS)).length > 0;
  },

  async read(location, options): Promise<Dataset> {
    const file = await fileAt(location, MARKS, options.split);
    const bytes = await readBytes(file, MAX_XML_BYTES);
    const warnings = new Warnings();
    const annotated = imagesOf(nodesOf(parseXml(parser, bytes, file)), file, warnings);
    if (annotated.length === 0)
      throw new MiningError('dataset', 'annotations', 'at least one <image> with a name', 'none', { file });
    const names = annotated.map(({ name }) => name);
    const imageRoot = await findImageRoot(names, file, '', options.images);
    const facts = { kind: cvatFormat.id, path: location, imageRoot, split: null, sha256: sha256(bytes) };
    return tabulateNamed(annotated, facts, warnings);
  },

  find: (folder) => filesIn(folder, MARKS),

  place: (text, index) => xmlStartTag(text, SHAPES, index),
};

function nodesOf(value: unknown): Node[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const { ':@': attributes, ...rest } = item as Readonly<Record<string, unknown>>;
    const [tag, children] = Object.entries(rest)[0] ?? [];
    if (tag === undefined) return [];
    return [{ tag, attributes: (attributes ?? {}) as Record<string, string>, children: nodesOf(children) }];
  });
}

/** Shapes are counted through the whole file, also those inside others (points of a skeleton). */
function imagesOf(nodes: readonly Node[], file: string, warnings: Warnings): AnnotatedImage[] {
  let numShapes = 0;
  const countInside = (children: readonly Node[]): void => {
    for (const { tag, children: inner } of children) {
      if (SHAPES.includes(tag)) numShapes++;
      countInside(inner);
    }
  };
  const annotated: AnnotatedImage[] = [];
  for (const root of nodes.filter(({ tag }) => tag === 'annotations')) {
    for (const image of root.children) {
      if (image.tag !== 'image') {
        countInside([image]);
        continue;
      }
      const objects: NamedObject[] = [];
      for (const shape of image.children) {
        if (SHAPES.includes(shape.tag)) objects.push(...objectsOf(shape, numShapes, file, warnings));
        countInside([shape]);
      }
      const { name = '', width, height } = image.attributes;
      annotated.push({
        name: decodeReferences(name),
        width: pixels(width),
        height: pixels(height),
        annotationPath: file,
        objects,
      });
    }
  }
  return annotated;
}

function pixels(text: string | undefined): number {
  const size = Math.round(Number(text ?? 0));
  return size > 0 && size < 2 ** 31 ? size : 0;
}

function objectsOf({ tag, attributes }: Node, index: number, file: string, warnings: Warnings): NamedObject[] {
  const where = `<${tag}> ${index}`;
  const numberOf = (name: string) => (attributes[name] === undefined ? NaN : Number(attributes[name]));
  const box = boxOf(tag, numberOf, attributes['points'] ?? '');
  if (box === null) {
    warnings.add('shapes without area', where, 'a box, polygon, ellipse or mask', `${show(tag)}, left out`, file);
    return [];
  }
  if (tag !== 'box' || Number(attributes['rotation'] ?? 0) !== 0) warnings.tally(OUTLINES);
  return [{ label: decodeReferences(attributes['label'] ?? ''), box, index, where }];
}

/** null: the shape has no area. */
function boxOf(tag: string, numberOf: (name: string) => number, points: string): Box | null {
  const rotation = numberOf('rotation') || 0;
  if (tag === 'box') {
    const box = [numberOf('xtl'), numberOf('ytl'), numberOf('xbr'), numberOf('ybr')] as const;
    const centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] as const;
    return boundsOfTurned(box, rotation, centre);
  }
  if (tag === 'polygon') return boundsOf(points.split(/[;,]/).map(Number));
  if (tag === 'mask') {
    const [left, top] = [numberOf('left'), numberOf('top')];
    return [left, top, left + numberOf('width'), top + numberOf('height')];
  }
  if (tag !== 'ellipse') return null;
  const [cx, cy, rx, ry] = [numberOf('cx'), numberOf('cy'), numberOf('rx'), numberOf('ry')];
  return boundsOfTurned([cx - rx, cy - ry, cx + rx, cy + ry], rotation, [cx, cy]);
}
