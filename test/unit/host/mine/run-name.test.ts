import { describe, expect, it } from 'vitest';
import { runName } from '../../../../src/host/mine/run-name.js';

const now = new Date(2026, 0, 2, 3, 4, 5);
const none = { family: '', title: '' };
const contract = { family: 'fast-rcnn', title: '' };

describe('name of a run', () => {
  it.each([
    ['/m/yolox_nano.onnx', none, '/d/coco-cc-train/instances.json', 'yolox_nano-coco-cc-train-20260102-030405.ohem'],
    ['/media/sample/checkpoint', contract, '/media/sample/instances.json', 'sample-fast-rcnn-20260102-030405.ohem'],
    ['/media/sample/checkpoint', contract, '/tmp/few.json', 'sample-fast-rcnn-few-20260102-030405.ohem'],
    ['/m/net/ohem.json', contract, '/d/bccd', 'net-bccd-20260102-030405.ohem'],
    ['/m/net.ohem.json', contract, '/d/bccd', 'net-bccd-20260102-030405.ohem'],
    ['/m/x', { family: 'yolox', title: 'Parts, YOLOX-s' }, '/d/bccd', 'Parts_YOLOX-s-bccd-20260102-030405.ohem'],
    ['/m/my net/model.json', none, '/d/bccd', 'my_net-bccd-20260102-030405.ohem'],
    ['/d/digits/model.json', none, '/d/digits', 'digits-20260102-030405.ohem'],
    ['', none, '/d/night/losses.jsonl', 'night-20260102-030405.ohem'],
    ['/m/..', none, '/d/🙂<b>"x".json', '-_b_x_-20260102-030405.ohem'],
  ])('%s %o on %s', (checkpoint, facts, data, name) => {
    expect(runName({ checkpoint, contract: facts, data }, now).replace(/^\.\./, '')).toBe(name);
  });
});
