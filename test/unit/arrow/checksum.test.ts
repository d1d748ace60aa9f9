import { describe, expect, it } from 'vitest';
import { checkSeal, readSeal, SEAL_BYTES, xxh32 } from '../../../src/arrow/checksum.js';
import { encodeImage } from '../../../src/arrow/encode-run.js';
import { sampleImage, sampleManifest } from './run-sample.js';

describe('xxh32', () => {
  // Source: python-xxhash 3.5.0, xxhash.xxh32_hexdigest.
  for (const [text, sum] of [
    ['', '02cc5d05'],
    ['abc', '32d153ff'],
    ['Nobody inspects the spammish repetition', 'e2293b2f'],
  ]) {
    it(`is that of the reference: ${text.length} bytes`, () => {
      expect(xxh32(new TextEncoder().encode(text)).toString(16).padStart(8, '0')).toBe(sum);
    });
  }
});

describe('a seal', () => {
  it('finds every changed bit', () => {
    const bytes = encodeImage(sampleImage('a.jpg', 2, 1), sampleManifest(), 7);
    expect(checkSeal(bytes)).toMatchObject({ imageIndex: 7, stamps: [null] });
    expect(readSeal(bytes.subarray(-SEAL_BYTES))?.imageIndex).toBe(7);
    for (let at = 0; at < bytes.length; at++) {
      bytes[at] ^= 1 << (at % 8);
      expect(() => checkSeal(bytes)).toThrow(RangeError);
      bytes[at] ^= 1 << (at % 8);
    }
  });
});
