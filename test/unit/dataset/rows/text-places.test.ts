import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonAt, textLine, xmlElement } from '../../../../src/dataset/rows/text-places.js';

const slice = (text: string, place: { start: number; end: number } | null) =>
  place === null ? null : text.slice(place.start, place.end);

const annotation = (text: string, index: number) => jsonAt(text, ['annotations', index]);
const object = (text: string, index: number) => xmlElement(text, 'object', index);

describe('places in a text', () => {
  it('in COCO: the element of the outermost annotations', () => {
    const text = `{ "info": {"annotations": [1, 2]}, "images": [ {"id": 1} ],
  "annotations": [ {"id": 7, "bbox": [1, 2, 3, 4], "note": "a \\"]},{ trap"} ,
    {"id": 8, "segmentation": [[1, 2], [3]]}
  ], "categories": [] }`;
    expect(slice(text, annotation(text, 0))).toBe('{"id": 7, "bbox": [1, 2, 3, 4], "note": "a \\"]},{ trap"}');
    expect(slice(text, annotation(text, 1))).toBe('{"id": 8, "segmentation": [[1, 2], [3]]}');
    expect(annotation(text, 2)).toBeNull();
    expect(annotation(text, -1)).toBeNull();
  });

  it('an empty list, a missing list, broken JSON: none', () => {
    for (const text of [
      '{"annotations": []}',
      '{"images": [1]}',
      '{"annotations": "no"}',
      '{"annotations": [',
      '{"a',
      '',
    ]) {
      expect(annotation(text, 0)).toBeNull();
    }
  });

  it('whatever lies beside it, however deep', () => {
    const deep = '['.repeat(300_000);
    expect(annotation(`{"other": ${deep}`, 0)).toBeNull();
    expect(annotation(`{"annotations": [${deep}`, 1)).toBeNull();
    expect(annotation(`{"annotations": [7, 8, ${deep}`, 0)).toEqual({ start: 17, end: 18 });
  });

  it('in VOC: the object, comments passed over', () => {
    const text =
      '<annotation>\n<!-- <object>old</object> ' +
      '-->\n<object><name>cat</name></object>\n<object>\n<name>dog</name></object></annotation>';
    expect(slice(text, object(text, 0))).toBe('<object><name>cat</name></object>');
    expect(slice(text, object(text, 1))).toBe('<object>\n<name>dog</name></object>');
    expect(object(text, 2)).toBeNull();
  });

  it('in text: the line', () => {
    const text = '0 .5 .5 .1 .1\r\n1 .2 .2 .1 .1\n';
    expect(slice(text, textLine(text, 1))).toBe('1 .2 .2 .1 .1');
    expect(slice(text, textLine(text, 0))).toBe('0 .5 .5 .1 .1');
    expect(textLine(text, 5)).toBeNull();
  });

  it('finds every element of any JSON list, however it is printed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.jsonValue(),
        fc.constantFrom(undefined, 2, '\t'),
        (list, other, space) => {
          const text = JSON.stringify({ other, annotations: list, more: [other] }, null, space);
          list.forEach((item, index) =>
            expect(JSON.parse(slice(text, jsonAt(text, ['annotations', index])) ?? '')).toEqual(
              JSON.parse(JSON.stringify(item)),
            ),
          );
          expect(jsonAt(text, ['annotations', list.length])).toBeNull();
        },
      ),
    );
  });
});
