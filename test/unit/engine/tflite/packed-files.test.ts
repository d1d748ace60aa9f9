import AdmZip from 'adm-zip';
import { describe, expect, it } from 'vitest';
import { packedTexts } from '../../../../src/engine/tflite/packed-files.js';
import { TINY_TFLITE } from '../../../contract/tiny-models.js';

function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const zip = new AdmZip();
  for (const [name, text] of Object.entries(files)) zip.addFile(name, Buffer.from(text));
  return zip.toBuffer();
}

/** As Python's zipfile appends: offsets count from the beginning of the file. */
function fromFile(zip: Buffer, before: number): Buffer {
  const moved = Buffer.from(zip);
  const end = moved.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const directory = moved.readUInt32LE(end + 16);
  moved.writeUInt32LE(directory + before, end + 16);
  for (let at = directory; at < end;) {
    moved.writeUInt32LE(moved.readUInt32LE(at + 42) + before, at + 42);
    at += 46 + moved.readUInt16LE(at + 28) + moved.readUInt16LE(at + 30) + moved.readUInt16LE(at + 32);
  }
  return moved;
}

const FILES = { 'metadata.json': '{"task": "detect"}', 'labels.txt': 'cat\ndog\n' };
const zip = zipOf({ ...FILES, 'weights.bin': '\0' });

describe('texts behind a model', () => {
  it('are read, whether offsets count from the ZIP or from the file; other files are not', async () => {
    expect(await packedTexts(Buffer.concat([TINY_TFLITE, zip]))).toEqual(FILES);
    expect(await packedTexts(Buffer.concat([TINY_TFLITE, fromFile(zip, TINY_TFLITE.length)]))).toEqual(FILES);
  });

  it('are none where there is no ZIP, or only its end', async () => {
    expect(await packedTexts(Buffer.from(TINY_TFLITE))).toEqual({});
    expect(await packedTexts(Buffer.alloc(0))).toEqual({});
    expect(await packedTexts(zip.subarray(-22))).toEqual({});
  });

  it('are what can be read of a damaged one, and never an error', async () => {
    const whole = Buffer.concat([TINY_TFLITE, zip]);
    for (let at = TINY_TFLITE.length; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 0xff;
      for (const text of Object.values(await packedTexts(damaged))) expect(typeof text).toBe('string');
      await packedTexts(whole.subarray(0, at));
    }
  });

  it('are of a sidecar’s size: what inflates to more is left out', async () => {
    const large = zipOf({ 'bomb.txt': ' '.repeat(2 ** 23), ...FILES });
    expect(await packedTexts(large)).toEqual(FILES);
  });
});
