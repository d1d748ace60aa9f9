import { describe, expect, it } from 'vitest';
import { movedPath, moveTo } from '../../../src/core/moved-images.js';

const holds =
  (...files: string[]) =>
  async (path: string) =>
    files.includes(path);

describe('images that have moved', () => {
  it('are found below the folder that a person picks, with as many of their folders as there are', async () => {
    const path = '/old/coco/val/a.jpg';
    expect(await moveTo('/new', path, holds('/new/coco/val/a.jpg', '/new/a.jpg'))).toEqual({
      from: '/old',
      to: '/new',
    });
    expect(await moveTo('/new', path, holds('/new/val/a.jpg'))).toEqual({ from: '/old/coco', to: '/new' });
    expect(await moveTo('/new', path, holds('/new/a.jpg'))).toEqual({ from: '/old/coco/val', to: '/new' });
    expect(await moveTo('/new', path, holds())).toBeNull();
  });

  it('of a run from Windows, too; never above the folder', async () => {
    const move = await moveTo('/new', 'C:\\data\\val\\a.jpg', holds('/new/val/a.jpg'));
    expect(move).toEqual({ from: 'C:/data', to: '/new' });
    expect(movedPath('C:\\data\\val\\b.jpg', [{ from: 'C:/data', to: '/new' }])).toBe('/new/val/b.jpg');
    expect(await moveTo('/new', '/old/../secret.jpg', holds('/new/../secret.jpg'))).toBeNull();
  });

  it('are those below what has moved, and no others', () => {
    const moves = [{ from: '/old/coco', to: '/new' }];
    expect(movedPath('/old/coco/val/b.jpg', moves)).toBe('/new/val/b.jpg');
    expect(movedPath('/old/coco-2/b.jpg', moves)).toBe('/old/coco-2/b.jpg');
    expect(movedPath('', moves)).toBe('');
  });
});
