import { describe, expect, it } from 'vitest';
import { changed, repairsOf, says } from '../../../../src/run/inspect/readings.js';

it('a change of the preprocessing leaves its other keys', () => {
  const contract = { family: 'yolox', preprocess: { pad: 0, channels: 'rgb' } };
  const after = changed(contract, { choice: '', keys: { preprocess: { channels: 'bgr' } } });
  expect(after).toEqual({ family: 'yolox', preprocess: { pad: 0, channels: 'bgr' } });
  const form = changed({ family: 'ssd' }, { choice: '', keys: { boxForm: 'xyxy' } });
  expect(form).toEqual({ family: 'ssd', boxForm: 'xyxy' });
});

describe('repairsOf', () => {
  const idsOf = (family: string) => repairsOf({ family }).map(({ id }) => id);

  it('offers what a contract of the family may say', () => {
    expect(idsOf('yolov8')).toEqual(['resize', 'scale', 'channels']);
    expect(idsOf('yolox')).toEqual(['resize', 'scale', 'channels', 'decoded']);
    expect(idsOf('ssd')).toEqual(['resize', 'scale', 'channels', 'boxForm', 'background']);
    const background = repairsOf({ family: 'ssd' }).find(({ id }) => id === 'background');
    expect(background?.changes.map(({ choice }) => choice)).toEqual(['first', 'last']);
  });

  it('offers nothing of a detector of several graphs', () => {
    expect(idsOf('fast-rcnn')).toEqual([]);
  });
});

it('a contract says a change, deep keys too', () => {
  const change = { choice: '', keys: { preprocess: { std: [1, 1, 1] } } };
  expect(says({ preprocess: { std: [1, 1, 1], pad: 0 } }, change)).toBe(true);
  expect(says({ preprocess: { std: [2, 1, 1] } }, change)).toBe(false);
  expect(says({}, change)).toBe(false);
});
