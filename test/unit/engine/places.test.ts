import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, dataFolder } from '../../../src/engine/places.js';
import { findBinding } from '../../../src/engine/tfjs/tfjs-binding.js';

describe('folders', () => {
  it('follow the system, and the variables before it', () => {
    expect(dataFolder({}, 'linux', '/h')).toBe('/h/.local/share/ohem-lens');
    expect(dataFolder({ XDG_DATA_HOME: '/x' }, 'linux', '/h')).toBe('/x/ohem-lens');
    expect(cacheFolder({}, 'linux', '/h')).toBe('/h/.cache/ohem-lens');
    expect(cacheFolder({}, 'darwin', '/h')).toBe('/h/Library/Caches/ohem-lens');
    expect(dataFolder({ LOCALAPPDATA: '/l' }, 'win32', '/h')).toBe('/l/ohem-lens');
    expect(cacheFolder({}, 'win32', '/h')).toBe('/h/AppData/Local/ohem-lens/cache');
    expect(dataFolder({}, 'darwin', '/h')).toBe('/h/Library/Application Support/ohem-lens');
    expect(dataFolder({ OHEM_DATA: '/d' }, 'win32', '/h')).toBe('/d');
    expect(cacheFolder({ OHEM_CACHE: '/c' }, 'darwin', '/h')).toBe('/c');
  });
});

describe('findBinding', () => {
  it('takes the named folder and no other, and what the set-up wrote down', async () => {
    const data = await mkdtemp(join(tmpdir(), 'ohem-binding-'));
    const folder = join(data, 'tfjs-node/node_modules/@tensorflow/tfjs-node-gpu');
    await expect(findBinding({ OHEM_TFJS_NODE: folder, OHEM_DATA: data })).rejects.toThrow(
      'OHEM_TFJS_NODE: no lib/napi-v8/tfjs_binding.node',
    );
    await mkdir(join(folder, 'lib/napi-v8'), { recursive: true });
    await writeFile(join(folder, 'lib/napi-v8/tfjs_binding.node'), '');
    const linked = { folder: '/tf', version: '2.21.0', cuda: '12.5.1' };
    await writeFile(join(data, 'tfjs-node/linked.json'), JSON.stringify(linked));
    expect(await findBinding({ OHEM_DATA: data })).toMatchObject({ folder, linked });
    await rm(data, { recursive: true });
  });
});
