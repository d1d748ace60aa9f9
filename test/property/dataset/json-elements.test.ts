/** The byte scanner against JSON.parse: the same documents, the same values, the same refusals. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import { forEachElement, parseValue, topLevelMembers } from '../../../src/dataset/coco/json-elements.js';

const encode = (text: string) => new TextEncoder().encode(text);

/** The document as the scanner sees it; arrays element by element. */
function scan(text: string): unknown {
  const bytes = encode(text);
  const members = [...topLevelMembers(bytes, 'x.json')].map(([name, extent]) => {
    if (bytes[extent.start] !== 0x5b) return [name, parseValue(bytes, extent, 'x.json')];
    const elements: unknown[] = [];
    const count = forEachElement(bytes, extent, 'x.json', (element, index) => {
      expect(index).toBe(elements.length);
      elements.push(element);
    });
    expect(count).toBe(elements.length);
    return [name, elements];
  });
  return Object.fromEntries(members) as unknown;
}

function outcome(read: () => unknown): { value: unknown } | 'refused' {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof MiningError || error instanceof SyntaxError) return 'refused';
    throw error;
  }
}

const parseObject = (text: string) => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object');
  return value;
};

const document = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()), {
  noNullPrototype: true,
});
const spelled = fc
  .tuple(document, fc.constantFrom(undefined, 1, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

describe('json-elements', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(scan(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const snippet = fc.constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '1',
      'null',
      'NaN',
      '\n',
      '\u0000',
      'é',
      '0x',
      '-',
      '.5',
      '1e5',
      'tru',
    );
    const edits = fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), put: snippet }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(spelled, edits, (text, changes) => {
        const mutated = changes.reduce((current, { at, cut, put }) => {
          const i = Math.floor(at * current.length);
          return current.slice(0, i) + put + current.slice(i + cut);
        }, text);
        fc.pre(isWellFormed(mutated));
        expect(outcome(() => scan(mutated))).toEqual(outcome(() => parseObject(mutated)));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a position within the document for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        const bytes = new Uint8Array([...encode('{"a":['), ...tail]);
        try {
          const extent = topLevelMembers(bytes, 'x.json').get('a');
          if (extent !== undefined) forEachElement(bytes, extent, 'x.json', () => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(MiningError);
          expect((error as Error).message).toMatch(/^dataset: (line \d+ column \d+|encoding): expected /);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('splits long arrays into chunks and loses nothing', () => {
    const elements = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `"[{,é\\${i}`, nested: [[i], { i: [] }] }));
    expect(scan(JSON.stringify({ elements }))).toEqual({ elements });
  });

  it('stands nesting of any depth', () => {
    const deep = `{"a":${'['.repeat(200_000)}`;
    expect(() => scan(deep)).toThrow(MiningError);
    expect(() => scan(`${deep}${']'.repeat(199_999)}x]}`)).toThrow(MiningError);
  });
});

/** Lone surrogates do not survive encoding. */
function isWellFormed(text: string): boolean {
  return new TextDecoder().decode(encode(text)) === text;
}
