import { describe, expect, it } from 'vitest';
import { RUN_PATH_BYTES, RUN_PATH_MARK, withRunPath } from '../../../../src/engine/tfjs/prebuilt-binding.js';

const EMPTY = RUN_PATH_MARK.padEnd(RUN_PATH_BYTES, '-');
const binding = Buffer.from(`before\0${EMPTY}\0after`, 'latin1');

describe('withRunPath', () => {
  it('writes the folder over the empty run path and leaves the rest alone', () => {
    const copy = Buffer.from(withRunPath(binding, '/home/Ä b/tensorflow')).toString('utf8');
    expect(copy.split('\0').filter((text) => text !== '')).toEqual(['before', '/home/Ä b/tensorflow', 'after']);
    expect(Buffer.byteLength(copy)).toBe(binding.length);
    expect(binding.toString('latin1')).toContain(EMPTY);
  });

  it('takes a folder that fills it', () => {
    const longest = `/${'x'.repeat(RUN_PATH_BYTES - 1)}`;
    expect(Buffer.from(withRunPath(binding, longest)).toString('latin1')).toBe(`before\0${longest}\0after`);
    expect(() => withRunPath(binding, `${longest}x`)).toThrow('no run path');
  });

  it('refuses what the linker would read otherwise, and a binding without the place', () => {
    for (const folder of ['/a:/b', '/$ORIGIN']) expect(() => withRunPath(binding, folder)).toThrow('no run path');
    expect(() => withRunPath(Buffer.from('another file'), '/tf')).toThrow('has no run path to write over');
  });
});
