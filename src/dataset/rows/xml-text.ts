/** XML of annotations: entities of the document are never processed, a DOCTYPE is refused. */
import { XMLValidator, type XMLParser } from 'fast-xml-parser';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { decodeText } from './text-files.js';

/**
 * What `parser`, which must not process entities, makes of the bytes.
 * @throws MiningError 'dataset' where it is no XML (with line and column), or has a DOCTYPE.
 */
export function parseXml(parser: XMLParser, bytes: Uint8Array, file: string): unknown {
  const text = decodeText(bytes, file);
  if (/<!DOCTYPE|<!ENTITY/i.test(text))
    throw new MiningError('dataset', 'XML', 'no DOCTYPE', 'one: entities are not read', { file });
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    const { line, col, msg } = valid.err;
    throw new MiningError('dataset', said`line ${line} column ${col ?? 1}`, 'valid XML', show(msg, 120), { file });
  }
  try {
    return parser.parse(text);
  } catch (error) {
    const received = show(error instanceof Error ? error.message : error, 120);
    throw new MiningError('dataset', 'XML', 'an annotation', received, { file });
  }
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five entities of XML itself and character references; anything else stays as it is. */
export function decodeReferences(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
