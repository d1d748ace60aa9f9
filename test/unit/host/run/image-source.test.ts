import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';

const vscode = vi.hoisted(() => ({
  workspace: { isTrusted: true, workspaceFolders: [] as { uri: { scheme: string; fsPath: string } }[] },
  EventEmitter: class {
    readonly event = () => undefined;
    fire() {}
  },
}));
vi.mock('vscode', () => ({
  ...vscode,
  l10n: { t: (text: string, ...given: string[]) => text.replace('{0}', given[0] ?? '') },
}));
const { ImageFolders } = await import('../../../../src/host/run/image-folders.js');
const { ImageSources } = await import('../../../../src/host/run/image-source.js');

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ohem-image-source-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, name);
  return path;
}

function setUp() {
  const call = vi.fn(async (_method: string, { outPath }: { path: string; outPath: string }) =>
    writeFileSync(outPath, 'png'),
  );
  vscode.workspace.isTrusted = true;
  vscode.workspace.workspaceFolders = [{ uri: { scheme: 'file', fsPath: join(root, 'images') } }];
  const folders = new ImageFolders({ get: (_key: string, none: unknown) => none, update: vi.fn() } as never, []);
  const sources = new ImageSources(join(root, 'converted'), { call } as unknown as EngineService, folders);
  return { call, sources, of: (path: string) => sources.of(path, join(root, 'images')) };
}

describe('pixels for the webview', () => {
  it('what browsers show below the image folder is given as it is', async () => {
    const { call, of } = setUp();
    for (const name of ['a.jpg', 'B.JPEG', 'deep/c.png', '..d.webp', 'e.bmp']) {
      const path = put(join('images', name));
      expect(await of(path)).toEqual({ path, note: '' });
    }
    expect(call).not.toHaveBeenCalled();
  });

  it('says at once which need no conversion', () => {
    const { call, sources } = setUp();
    const folder = join(root, 'images');
    const paths = [join(folder, 'a.png'), join(folder, 'a.tiff'), join(root, 'b.png'), ''];
    expect(paths.map((path) => sources.asItIs(path))).toEqual([paths[0], null, null, null]);
    expect(call).not.toHaveBeenCalled();
  });

  it('the rest is converted once, and again when it has changed', async () => {
    const { call, of } = setUp();
    const path = put('images/a.tiff');
    const [one, two] = await Promise.all([of(path), of(path)]);
    expect(one).toEqual(two);
    expect(one.path).toMatch(/converted.[0-9a-f]{32}\.png$/);
    expect(await of(path)).toEqual(one);
    expect(call).toHaveBeenCalledTimes(1);
    utimesSync(path, 1, 1);
    expect((await of(path)).path).not.toBe(one.path);
  });

  it('an image outside of the workspace is neither shown nor decoded: its folder may be allowed', async () => {
    const { of, call, sources } = setUp();
    for (const name of ['other/a.jpg', 'images-2/a.jpg', 'other/a.tiff', 'gone/a.jpg']) {
      const path = name.startsWith('gone') ? join(root, name) : put(name);
      expect(await of(path)).toMatchObject({ path: null, outside: dirname(path) });
      expect(await sources.of(path, '/')).toMatchObject({ path: null, outside: '/' });
      expect(sources.asItIs(path)).toBeNull();
    }
    expect(call).not.toHaveBeenCalled();
  });

  it('nothing is decoded in a workspace that is not trusted', async () => {
    const { of, call } = setUp();
    vscode.workspace.isTrusted = false;
    expect(await of(put('images/a.png'))).toMatchObject({ note: '' });
    expect(await of(put('images/a.tiff'))).toMatchObject({ path: null, note: expect.stringContaining('trusted') });
    expect(call).not.toHaveBeenCalled();
  });

  it('no path, no file, no conversion: the reason', async () => {
    const { call, of } = setUp();
    expect(await of('')).toMatchObject({ path: null, note: 'The run does not say where this image is.' });
    expect(await of(join(root, 'images', 'gone.jpg'))).toMatchObject({
      path: null,
      note: expect.stringContaining('gone.jpg'),
    });
    call.mockRejectedValueOnce(new Error('image: expected a picture, received text'));
    expect(await of(put('images/b.tiff'))).toEqual({ path: null, note: 'image: expected a picture, received text' });
  });

  it('conversions of long ago are removed', async () => {
    const { of } = setUp();
    const old = put('converted/old.png');
    utimesSync(old, 1, 1);
    const fresh = put('converted/fresh.png');
    await of(put('images/a.tiff'));
    expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
  });
});

describe('images that are not where the run says', () => {
  it('are located once, for all that lay beside them, and shown from there', async () => {
    const state = new Map<string, unknown>();
    const memento = {
      get: (key: string, none: unknown) => state.get(key) ?? none,
      update: async (key: string, value: unknown) => void state.set(key, value),
    };
    vscode.workspace.workspaceFolders = [];
    const folders = new ImageFolders(memento as never, []);
    const sources = new ImageSources(join(root, 'converted'), {} as EngineService, folders);
    const [gone, beside] = [join(root, 'gone/val/a.jpg'), join(root, 'gone/val/b.jpg')];
    const [now] = [put('here/val/a.jpg'), put('here/val/b.jpg')];
    expect(await sources.of(gone, join(root, 'gone'))).toMatchObject({ path: null, isElsewhere: true });
    expect(await folders.locate(gone, join(root, 'converted'))).toBe(false);
    expect(await folders.locate(gone, join(root, 'here'))).toBe(true);
    expect(await sources.of(gone, join(root, 'gone'))).toEqual({ path: now, note: '' });
    expect(sources.asItIs(beside)).toBe(join(root, 'here/val/b.jpg'));
    expect(new ImageFolders(memento as never, []).placeOf(beside)).toBe(join(root, 'here/val/b.jpg'));
  });
});
