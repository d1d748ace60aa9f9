/** One Pascal VOC annotation file. Entities of the document are never processed: a DOCTYPE is refused. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { MiningError, show } from '../../core/mining-error.js';
import { decodeText } from '../rows/text-files.js';

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
  const root = rootOf(decodeText(bytes, file), file);
  const size = elementOf(root['size']);
  return {
    filename: textOf(root['filename']),
    width: pixels(size['width']),
    height: pixels(size['height']),
    objects: Array.isArray(root['object']) ? root['object'].map((object) => objectOf(elementOf(object))) : [],
  };
}

function rootOf(text: string, file: string): Element {
  if (/<!DOCTYPE|<!ENTITY/i.test(text))
    throw new MiningError('dataset', 'XML', 'no DOCTYPE', 'one: entities are not read', { file });
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, col, msg } = valid.err;
    throw new MiningError('dataset', `line ${line} column ${col ?? 1}`, 'valid XML', show(msg, 120), { file });
  }
  const tree = parse(text, file);
  const root = tree['annotation'];
  if (typeof root !== 'object' || root === null) {
    const found = Object.keys(tree).filter((name) => !name.startsWith('?'));
    throw new MiningError('dataset', 'root element', '<annotation> with content', show(found[0] ?? 'nothing'), {
      file,
    });
  }
  return elementOf(root);
}

function parse(text: string, file: string): Element {
  try {
    return elementOf(parser.parse(text));
  } catch (error) {
    throw new MiningError(
      'dataset',
      'XML',
      'an annotation',
      show(error instanceof Error ? error.message : error, 120),
      { file },
    );
  }
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

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five entities of XML itself and character references; anything else stays as it is. */
function decodeReferences(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
