/**
 * CVAT XML 1.1: one file, an `<image>` with its shapes each, or of a video a `<track>` with its shape in every frame.
 * Boxes that are turned, polygons, ellipses and masks become the boxes around them; points and lines have no area and
 * are left out. A video's frames are image files: those that CVAT exports (`frame_000012.PNG`), else in order of name.
 * Source: docs.cvat.ai, "CVAT for image" and "CVAT for videos" (annotations.xml).
 */
import { XMLParser } from 'fast-xml-parser';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { fileAt, filesAt, filesIn } from '../rows/annotation-file.js';
import { findImageFolder, findImageRoot } from '../rows/image-root.js';
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
  title: 'CVAT for images, for video with its frames (XML 1.1)',
  task: 'detection',

  async recognise(location) {
    return (await filesAt(location, MARKS)).length > 0;
  },

  async read(location, options): Promise<Dataset> {
    const file = await fileAt(location, MARKS, options.split);
    const bytes = await readBytes(file, MAX_XML_BYTES);
    const warnings = new Warnings();
    const { annotated, tracked } = readShapes(nodesOf(parseXml(parser, bytes, file)), file, warnings);
    const facts = { kind: cvatFormat.id, path: location, split: null, sha256: sha256(bytes) };
    if (annotated.length === 0 && tracked.size > 0) {
      const { imageRoot, frames, notes } = await framesOf(tracked, file, options.images, warnings);
      const set = await tabulateNamed(frames, { ...facts, imageRoot }, warnings);
      return { ...set, notes: [...notes, ...set.notes] };
    }
    if (annotated.length === 0)
      throw new MiningError('dataset', 'annotations', 'at least one <image> with a name, or a <track>', 'none', {
        file,
      });
    if (tracked.size > 0) warnings.add('tracks beside images', 'annotations', 'images or tracks', 'both', file);
    const names = annotated.map(({ name }) => name);
    const imageRoot = await findImageRoot(names, file, '', options.images);
    return tabulateNamed(annotated, { ...facts, imageRoot }, warnings);
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

interface Shapes {
  readonly annotated: AnnotatedImage[];
  /** Objects of tracks by frame. */
  readonly tracked: Map<number, NamedObject[]>;
}

/** Shapes are counted through the whole file, also those inside others (points of a skeleton). */
function readShapes(nodes: readonly Node[], file: string, warnings: Warnings): Shapes {
  const shapes: Shapes = { annotated: [], tracked: new Map() };
  let numShapes = 0;
  const countInside = (children: readonly Node[]): void => {
    for (const { tag, children: inner } of children) {
      if (SHAPES.includes(tag)) numShapes++;
      countInside(inner);
    }
  };
  const readImage = ({ attributes: { name = '', width, height }, children }: Node) => {
    const objects: NamedObject[] = [];
    for (const shape of children) {
      if (SHAPES.includes(shape.tag)) objects.push(...objectsOf(shape, numShapes, file, warnings));
      countInside([shape]);
    }
    const size = { width: pixels(width), height: pixels(height) };
    shapes.annotated.push({ name: decodeReferences(name), ...size, annotationPath: file, objects });
  };
  const readTrack = ({ attributes: { label = '' }, children }: Node) => {
    for (const shape of children) {
      const frame = Number(shape.attributes['frame'] ?? NaN);
      // Outside: the object has left the frame, the box is where it was last.
      const isSeen = shape.attributes['outside'] !== '1' && Number.isSafeInteger(frame);
      if (SHAPES.includes(shape.tag) && isSeen) {
        const named = { ...shape, attributes: { ...shape.attributes, label } };
        const own = shapes.tracked.get(frame) ?? [];
        own.push(...objectsOf(named, numShapes, file, warnings));
        shapes.tracked.set(frame, own);
      }
      countInside([shape]);
    }
  };
  for (const child of nodes.filter(({ tag }) => tag === 'annotations').flatMap((root) => root.children)) {
    if (child.tag === 'image') readImage(child);
    else if (child.tag === 'track') readTrack(child);
    else countInside([child]);
  }
  return shapes;
}

/** The image files of a video's frames, with what is in each. */
async function framesOf(
  tracked: ReadonlyMap<number, readonly NamedObject[]>,
  file: string,
  images: string | undefined,
  warnings: Warnings,
): Promise<{ readonly imageRoot: string; readonly frames: AnnotatedImage[]; readonly notes: readonly string[] }> {
  const { folder: imageRoot, names } = await findImageFolder(file, images, FRAME);
  const numbered = names.filter((name) => FRAME.test(name));
  const frameOf = new Map(
    numbered.length > 0
      ? numbered.map((name) => [Number(FRAME.exec(name)?.[1]), name] as const)
      : names.map((name, frame) => [frame, name] as const),
  );
  for (const frame of tracked.keys())
    if (!frameOf.has(frame)) {
      const expected = said`an image file of it in ${imageRoot}`;
      warnings.add('frames without an image', said`frame ${frame}`, expected, 'none, its objects are dropped', file);
    }
  const frames = [...frameOf].map(([frame, name]) => {
    return { name, width: 0, height: 0, annotationPath: file, objects: tracked.get(frame) ?? [] };
  });
  const notes = numbered.length > 0 ? [] : [`frames are the images of ${imageRoot} in the order of their names`];
  return { imageRoot, frames, notes };
}

/** As CVAT exports a video's frames. */
const FRAME = /^frame_(\d{1,9})\.\w+$/i;

function pixels(text: string | undefined): number {
  const size = Math.round(Number(text ?? 0));
  return size > 0 && size < 2 ** 31 ? size : 0;
}

function objectsOf({ tag, attributes }: Node, index: number, file: string, warnings: Warnings): NamedObject[] {
  const where = `<${tag}> ${index}`;
  const numberOf = (name: string) => (attributes[name] === undefined ? NaN : Number(attributes[name]));
  const box = boxOf(tag, numberOf, attributes['points'] ?? '');
  if (box === null) {
    warnings.add('shapes without area', where, 'a box, polygon, ellipse or mask', said`${show(tag)}, left out`, file);
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
