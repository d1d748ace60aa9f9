/** A megabyte of text that is made to be slow costs no reader more than a second. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseNames } from '../../../src/checkpoint/sidecars/class-names.js';
import { parseContract } from '../../../src/checkpoint/files/contract.js';
import { topLevelMembers } from '../../../src/dataset/coco/json-elements.js';
import { csvFormat } from '../../../src/dataset/labels/csv.js';
import { openDump } from '../../../src/dataset/dump/open-dump.js';
import { parseNpy } from '../../../src/dataset/dump/npy.js';
import { jsonAt, textLine, xmlElement } from '../../../src/dataset/rows/text-places.js';
import { parseVocXml } from '../../../src/dataset/voc/voc-xml.js';
import { readYoloConfig } from '../../../src/dataset/yolo/yolo-config.js';
import { yoloFormat } from '../../../src/dataset/yolo/yolo.js';
import { MiningError, show } from '../../../src/core/mining-error.js';
import { readTrainConfig } from '../../../src/run/train/train-config.js';
import { plainPng } from '../../fixtures/dataset/plain-png.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const UNITS = ['1', ' ', '\n', '\t', '\0', '<object>', '<!--', '<object ', '</object', '<a><', '[', '{"a":', '"', "'"];
const MORE = [
  "0:'\\'",
  '0 : ',
  "'\\",
  '\\',
  '&#',
  'names:\n ',
  '- [',
  'a: &a [*a,',
  '{',
  ',',
  '=',
  '<annotation>',
  'a,"',
  `${'11 '.repeat(200)}x\n`,
];
const SIZE = 1_000_000;
const texts = [...UNITS, ...MORE].map((unit) => unit.repeat(Math.ceil(SIZE / unit.length)));

const inFile = (read: (path: string) => Promise<unknown>) => (text: string) => {
  const path = join(folder, 'hostile');
  writeFileSync(path, text);
  return read(path);
};
/** Folders that hold an image, and one text each. */
for (const name of ['yolo/images', 'yolo/labels', 'csv']) mkdirSync(join(folder, name), { recursive: true });
const png = await plainPng(40, 20);
for (const name of ['yolo/images/a.png', 'csv/a.png']) writeFileSync(join(folder, name), png);
const inYolo = (text: string) => {
  // The first line makes it a label file.
  writeFileSync(join(folder, 'yolo/labels/a.txt'), `0 .5 .5 1 1\n${text}`);
  return yoloFormat.read(join(folder, 'yolo'), {});
};
const asYolo = async (text: string) => {
  writeFileSync(join(folder, 'yolo/labels/a.txt'), text);
  return yoloFormat.recognise(join(folder, 'yolo'));
};
const inCsv = (text: string) => {
  // Less, since the library takes some 10 µs a row, and a megabyte has 500,000.
  writeFileSync(join(folder, 'csv/labels.csv'), `image,label\na.png,${text.slice(0, 50_000)}`);
  return csvFormat.read(join(folder, 'csv/labels.csv'), {});
};
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'names of classes': parseNames,
  contract: (text) => parseContract(text, 'x'),
  'VOC annotation': (text) => parseVocXml(Buffer.from(text), 'x'),
  'VOC annotation, inside': (text) => parseVocXml(Buffer.from(`<annotation>${text}</annotation>`), 'x'),
  'place in XML': (text) => xmlElement(text, 'object', 3),
  'place in JSON': (text) => jsonAt(text, ['annotations', 3]),
  'place in lines': (text) => textLine(text, 1e6),
  'COCO members': (text) => topLevelMembers(Buffer.from(text), 'x'),
  'YOLO YAML': (text) => readYoloConfig(Buffer.from(text), '/nowhere/data.yaml', undefined),
  'YOLO labels without names': inYolo,
  'YOLO labels, recognised': asYolo,
  'CSV of labels': inCsv,
  'dump, JSON Lines': inFile(openDump),
  'training configuration': inFile(readTrainConfig),
  'NumPy texts': (text) => parseNpy(npy(`'|S${text.length + 1}'`, '1,', Buffer.from(`${text}x`))),
  'an error line': (text) => show(text),
};

describe('a megabyte of hostile text', () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`${name}: within a second, and a clear line where it fails`, async () => {
      for (const text of texts) {
        const startedAt = performance.now();
        const error = await Promise.resolve(text)
          .then(read)
          .then(
            () => null,
            (reason: unknown) => reason,
          );
        const label = `${name}: ${JSON.stringify(text.slice(0, 12))}`;
        expect(performance.now() - startedAt, label).toBeLessThan(1000);
        if (error !== null) expect(error, label).toBeInstanceOf(MiningError);
      }
    });
  }
});

describe('a header that claims more than there is', () => {
  it('NumPy: texts of no width, and more values than memory', () => {
    expect(() => parseNpy(npy("'<U0'", '1000000000,', Buffer.alloc(0)))).toThrow('texts of no width');
    expect(() => parseNpy(npy("'|S0'", '1000000000,', Buffer.alloc(0)))).toThrow('texts of no width');
    expect(() => parseNpy(npy("'|b1'", '1000,', Buffer.alloc(1000)), 4000)).toThrow('1000 values');
    expect(() => parseNpy(npy("'<f8'", '1000000000,', Buffer.alloc(8)))).toThrow('cut short');
  });
});

function npy(descr: string, shape: string, data: Buffer): Buffer {
  const header = `{'descr': ${descr}, 'fortran_order': False, 'shape': (${shape}), }\n`;
  const start = Buffer.alloc(12);
  start.write('\u0093NUMPY\u0002\u0000', 'latin1');
  start.writeUInt32LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header), data]);
}
