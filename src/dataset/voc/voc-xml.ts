/** One Pascal VOC annotation file. Entities of the document are never processed: a DOCTYPE is refused. */
import { XMLParser } from 'fast-xml-parser';
import { MiningError, show } from '../../core/mining-error.js';
import { decodeReferences, parseXml } from '../rows/xml-text.js';

/** An `<object>`. Corners as written: NaN where one is absent or no number. */
export interface VocObject {
  /** '' where it has none. */
  readonly name: string;
  readonly isDifficult: boolean;
  readonly corners: readonly [xmin: number, ymin: number, xmax: number, ymax: number];
}

export interface VocAnnotation {
  /** `<filename>`; '' where it has none. */
  readonly filename: string;
  /** Image size, px; 0 unknown. */
  readonly width: number;
  readonly height: number;
  readonly objects: readonly VocObject[];
}

type Element = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  processEntities: false,
  parseTagValue: false,
  ignoreAttributes: true,
  isArray: (name) => name === 'object',
});

/**
 * Reads `<annotation>`. Tags that are absent give '' or 0; a box is judged by the caller.
 * @throws MiningError 'dataset' where it is no XML (with line and column), has a DOCTYPE, or another root.
 */
export function parseVocXml(bytes: Uint8Array, file: string): VocAnnotation {
  const root = rootOf(elementOf(parseXml(parser, bytes, file)), file);
  const size = elementOf(root['size']);
  return {
    filename: textOf(root['filename']),
    width: pixels(size['width']),
    height: pixels(size['height']),
    objects: Array.isArray(root['object']) ? root['object'].map((object) => objectOf(elementOf(object))) : [],
  };
}

function rootOf(tree: Element, file: string): Element {
  const root = tree['annotation'];
  if (typeof root === 'object' && root !== null) return elementOf(root);
  const found = Object.keys(tree).filter((name) => !name.startsWith('?'));
  throw new MiningError('dataset', 'root element', '<annotation> with content', show(found[0] ?? 'nothing'), { file });
}

function objectOf(object: Element): VocObject {
  const box = elementOf(object['bndbox']);
  return {
    name: textOf(object['name']),
    isDifficult: textOf(object['difficult']) === '1',
    corners: [numberOf(box['xmin']), numberOf(box['ymin']), numberOf(box['xmax']), numberOf(box['ymax'])],
  };
}

/** The children of an element; none where the tag is absent, holds text or stands twice. */
function elementOf(value: unknown): Element {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Element) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? decodeReferences(value) : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'string' && value !== '' ? Number(value) : NaN;
}

function pixels(value: unknown): number {
  const size = Math.round(numberOf(value));
  return size > 0 && size < 2 ** 31 ? size : 0;
}
