import { describe, expect, it, vi } from 'vitest';

vi.mock('vscode', () => ({}));
const { orderDatasets } = await import('../../../../src/host/inputs/mine-inputs.js');

const sets = [
  { path: '/far/digits', task: 'classification' },
  { path: '/far/coco.json', task: 'detection' },
  { path: '/w/net/labels.csv', task: 'classification' },
  { path: '/w/voc', task: 'detection' },
] as const;
const order = (task: 'detection' | 'classification' | null) =>
  orderDatasets(sets, { path: '/w/net/model.json', task }).map(({ path }) => path);

describe('image sets for a checkpoint', () => {
  it('of a known task: those of its task first, the nearest of them first', () => {
    expect(order('classification')).toEqual(['/w/net/labels.csv', '/far/digits', '/w/voc', '/far/coco.json']);
    expect(order('detection')).toEqual(['/w/voc', '/far/coco.json', '/w/net/labels.csv', '/far/digits']);
  });

  it('of an unknown task: the nearest first, else as found', () => {
    expect(order(null)).toEqual(['/w/net/labels.csv', '/w/voc', '/far/digits', '/far/coco.json']);
  });
});
