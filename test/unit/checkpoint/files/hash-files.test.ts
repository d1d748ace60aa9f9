import { createHash } from 'node:crypto';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashFiles } from '../../../../src/checkpoint/files/locate.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ohem-hash-'))));
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the hash of a file', () => {
  it.each(['at once', 'an hour later'])(
    'is of what it is now: another of its size and time is seen %s',
    async (when) => {
      const file = path.join(folder, 'model.onnx');
      const at = new Date(1_000_000);
      await writeFile(file, 'first');
      await utimes(file, at, at);
      if (when === 'an hour later') vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
      for (let i = 0; i < 2; i++) expect(await hashFiles([file])).toBe(sha256('first'));
      // The clock of a file system goes by steps.
      if (when === 'an hour later') await new Promise((resolve) => setTimeout(resolve, 50));
      await writeFile(file, 'other');
      await utimes(file, at, at);
      expect(await hashFiles([file])).toBe(sha256('other'));
    },
  );
});
