import { describe, expect, it } from 'vitest';
import { runName } from '../../../src/host/run-name.js';

const now = new Date(2026, 0, 2, 3, 4, 5);

describe('name of a run', () => {
  it.each([
    ['/m/yolox_nano.onnx', '/d/coco-cc-train/instances.json', 'yolox_nano-coco-cc-train-20260102-030405.ohem'],
    ['/media/sample/checkpoint', '/media/sample/instances.json', 'sample-20260102-030405.ohem'],
    ['/m/my net/model.json', '/d/bccd', 'my_net-bccd-20260102-030405.ohem'],
    ['/m/..', '/d/🙂<b>"x".json', '-_b_x_-20260102-030405.ohem'],
  ])('%s on %s', (checkpoint, data, name) => {
    expect(runName(checkpoint, data, now).replace(/^\.\./, '')).toBe(name);
  });
});
