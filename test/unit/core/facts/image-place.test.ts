import { expect, it } from 'vitest';
import { imagePlace } from '../../../../src/core/facts/image-place.js';

const root = '/data/images';
const dump = { kind: 'dump', imageRoot: root };

it.each([
  ['as the run says', { id: 'a.png', path: '/other/a.png' }, dump, '/other/a.png'],
  ['where the import looked for it', { id: 'train/a.png', path: '' }, dump, `${root}/train/a.png`],
  ['the same where it came again', { id: 'a.png (12)', path: '' }, dump, `${root}/a.png`],
  ['a whole path', { id: 'D:\\else\\a.png', path: '' }, dump, 'D:\\else\\a.png'],
  ['none that leaves the folder', { id: '../a.png', path: '' }, dump, ''],
  ['none of a name that is no path', { id: 'a\0.png', path: '' }, dump, ''],
  ['none of another data set', { id: 'a.png', path: '' }, { ...dump, kind: 'coco' }, ''],
  ['none where no folder is known', { id: 'a.png', path: '' }, { ...dump, imageRoot: '' }, ''],
])('the place of an image: %s', (_, image, dataset, place) => {
  expect(imagePlace(image, dataset)).toBe(place);
});
