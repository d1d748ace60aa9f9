import { describe, expect, it } from 'vitest';
import { runName } from '../../../../src/host/mine/run-name.js';

const now = new Date(2026, 0, 2, 3, 4, 5);
const none = { family: '', title: '' };
const contract = { family: 'fast-rcnn', title: '' };

describe('name of a run', () => {
  it.each([
    ['/m/yolox_nano.onnx', none, '/d/coco-cc-train/instances.json', 'coco-cc-train-yolox_nano-0102-0304.ohem'],
    ['/media/sample/checkpoint', contract, '/media/sample/instances.json', 'sample-fast-rcnn-0102-0304.ohem'],
    ['/media/sample/checkpoint', contract, '/tmp/few.json', 'few-sample-fast-rcnn-0102-0304.ohem'],
    ['/m/net/ohem.json', contract, '/d/bccd', 'bccd-net-0102-0304.ohem'],
    ['/m/net.ohem.json', contract, '/d/bccd', 'bccd-net-0102-0304.ohem'],
    ['/m/x', { family: 'yolox', title: 'Parts, YOLOX-s' }, '/d/bccd', 'bccd-Parts_YOLOX-s-0102-0304.ohem'],
    ['/m/my net/model.json', none, '/d/bccd', 'bccd-my_net-0102-0304.ohem'],
    ['/d/digits/model.json', none, '/d/digits', 'digits-0102-0304.ohem'],
    ['', none, '/d/night/losses.jsonl', 'night-0102-0304.ohem'],
    ['/m/..', none, '/d/🙂<b>"x".json', '_b_x_-..-0102-0304.ohem'],
  ])('%s %o on %s', (checkpoint, facts, data, name) => {
    expect(runName({ checkpoint, contract: facts, data }, now)).toBe(name);
  });
});
