import { describe, expect, it, vi } from 'vitest';
import type { CheckpointAnswer, CheckpointRow, PageSide } from '../../../../src/protocol/checkpoint-messages.js';
import { followQuestions, progressTaker, readRuns } from '../../../../webview/checkpoints/ask-host.js';
import { checkpointActions } from '../../../../webview/checkpoints/checkpoint-room.js';
import {
  createCheckpointModel,
  FIRST_QUERY,
  objectOf,
  setFault,
  stateOf,
} from '../../../../webview/checkpoints/checkpoint-model.js';
import { keyAction } from '../../../../webview/checkpoints/example-list.js';

const row = (image: string): CheckpointRow => ({
  ...{ image, gt: 0, label: 'cat', change: 'fixed' },
  ...{ losses: [1, 0.1], aum: 1, forgotten: 0, firstLearned: 1 },
});
const ROWS = ['a.jpg', 'b.jpg', 'c.jpg'].map(row);
const ANSWER = { a: 0, b: 1, numShown: 3, numExamples: 3, read: { numDone: 6, numTotal: 6 } } as CheckpointAnswer;
const SIDE = { width: 100, height: 50, gtBox: [1, 2, 3, 4], roi: null } as unknown as PageSide;

function setUp() {
  const model = createCheckpointModel(undefined);
  const answers = () => ({ query: { ...ANSWER }, page: ROWS, example: { sides: [SIDE, SIDE] }, read: {} });
  const call = vi.fn(
    async (method: string, _params?: object, _signal?: AbortSignal): Promise<unknown> => answers()[method as 'query'],
  );
  const host = { call, tell: vi.fn(), close: vi.fn() } as never;
  const stop = followQuestions(model, host);
  return { model, call, host, stop, actions: checkpointActions(model, host), tell: (host as { tell: unknown }).tell };
}
const asked = (call: ReturnType<typeof setUp>['call'], method: string) =>
  call.mock.calls.filter(([name]) => name === method).map(([, params]) => params);

describe('the page of a comparison', () => {
  it('asks nothing before the runs are being read; then answers, rows in sight, the first example', async () => {
    const { model, call, host } = setUp();
    expect(call).not.toHaveBeenCalled();
    await readRuns(model, host, false);
    await vi.waitFor(() => expect(model.sides.value).not.toBeNull());
    expect(asked(call, 'page')).toEqual([{ page: { query: FIRST_QUERY, first: 0, most: 100 } }]);
    expect(asked(call, 'example')).toEqual([{ key: { image: 'a.jpg', gt: 0, a: 0, b: 1 } }]);
    expect(model.reading.value).toBeNull();
    expect(model.spoken.value).toBe('3 examples listed');
  });

  it('begins another list with another question', async () => {
    const { model, call, host, actions } = setUp();
    await readRuns(model, host, false);
    await vi.waitFor(() => expect(model.chosen.value).not.toBeNull());
    actions.goTo(2);
    expect(model.chosen.value).toEqual({ image: 'c.jpg', gt: 0 });
    actions.ask({ changes: ['broken'] });
    await vi.waitFor(() => expect(model.chosen.value).toEqual({ image: 'a.jpg', gt: 0 }));
    expect([model.at.value, asked(call, 'query').at(-1)]).toEqual([
      0,
      { query: { ...FIRST_QUERY, changes: ['broken'] } },
    ]);
  });

  it('shows no example where nothing passes', async () => {
    const { model, call, host, actions } = setUp();
    await readRuns(model, host, false);
    await vi.waitFor(() => expect(model.sides.value).not.toBeNull());
    call.mockImplementation(async (method) => (method === 'query' ? { ...ANSWER, numShown: 0 } : []));
    actions.ask({ changes: ['newly-hard'] });
    await vi.waitFor(() => expect(model.sides.value).toBeNull());
  });

  it('asks for what there is while the runs are read, not at every image', () => {
    const { model } = setUp();
    const take = progressTaker(model);
    take({ numDone: 1, numTotal: 9 });
    take({ numDone: 2, numTotal: 9 });
    expect([model.stale.value, model.progress.value]).toEqual([1, { numDone: 2, numTotal: 9 }]);
  });

  it('says why the runs cannot be read, and not that the person stopped it', async () => {
    const { model, call, host } = setUp();
    call.mockRejectedValueOnce(new Error('run-file: open'));
    await readRuns(model, host, false);
    expect(model.error.value).toBe('run-file: open');
    call.mockImplementationOnce(async (_method, _params, signal) => {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      throw new Error('aborted');
    });
    const reading = readRuns(model, host, false);
    model.reading.value?.stop();
    await reading;
    expect([model.error.value, model.reading.value]).toEqual(['', null]);
  });

  it('takes a fault back as soon as a later answer is good, and keeps those of others', async () => {
    const { model, call, host, actions } = setUp();
    await readRuns(model, host, false);
    await vi.waitFor(() => expect(model.sides.value).not.toBeNull());
    setFault(model, 'notice', 'no such file');
    call.mockImplementation(async (method) => Promise.reject(new Error(`no ${method}`)));
    actions.ask({ changes: ['broken'] });
    await vi.waitFor(() => expect(model.error.value).toBe('no query'));
    call.mockImplementation(async (method) => {
      if (method === 'query') return { ...ANSWER };
      throw new Error(`no ${method}`);
    });
    actions.ask({ changes: ['fixed'] });
    await vi.waitFor(() => expect(model.error.value).toBe('no page'));
    call.mockImplementation(async (method) => (method === 'query' ? { ...ANSWER } : ROWS));
    actions.ask({ changes: [] });
    await vi.waitFor(() => expect(model.error.value).toBe('no such file'));
  });

  it('keeps its question and its runs over a reload, and mistrusts what it finds', () => {
    const { model } = setUp();
    expect(stateOf(model)).toBeNull();
    model.runs.value = { paths: ['/a.ohem'], names: ['a'] };
    model.query.value = { ...FIRST_QUERY, sort: 'aum' };
    const saved = stateOf(model);
    expect(saved).toMatchObject({ paths: ['/a.ohem'] });
    expect(createCheckpointModel(saved).query.value.sort).toBe('aum');
    expect(createCheckpointModel({ query: { sort: 'price' } }).query.value).toEqual(FIRST_QUERY);
  });

  it('opens the image in the run of a side', async () => {
    const { model, actions, tell } = setUp();
    model.runs.value = { paths: ['/a.ohem', '/b.ohem'], names: ['a', 'b'] };
    model.sides.value = [
      { ...SIDE, run: 0, imageIndex: 5 },
      { ...SIDE, run: 1, imageIndex: 7 },
    ];
    actions.openImage(1);
    expect(tell).toHaveBeenCalledWith('openImage', { path: '/b.ohem', imageIndex: 7 });
  });

  it('zooms both pictures to all boxes of the example', () => {
    expect(objectOf([SIDE, { ...SIDE, roi: { box: [0, 3, 9, 9] } } as unknown as PageSide])).toEqual({
      ...{ x1: 0, y1: 2, x2: 9, y2: 9 },
    });
    expect(objectOf([{ ...SIDE, gtBox: null }])).toBeNull();
  });

  it('is gone through by keys', () => {
    expect(
      ['ArrowDown', 'ArrowUp', 'Home', 'End', 'PageDown', 'Enter', 'x'].map((key) => keyAction(key, 3, 9)),
    ).toEqual([4, 2, 0, 8, 23, 'open', undefined]);
  });
});
