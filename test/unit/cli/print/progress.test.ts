import { describe, expect, it } from 'vitest';
import { duration } from '../../../../src/cli/print/progress-line.js';
import { textTable } from '../../../../src/cli/print/text-table.js';
import { prefetch } from '../../../../src/run/mine/prefetch.js';
import { ProgressMeter } from '../../../../src/run/file/progress-meter.js';

describe('progress', () => {
  it('tells speed and remaining time of the last images, and no time before it can', () => {
    let now = 0;
    const meter = new ProgressMeter(100, 10, 'x', () => now);
    expect(meter.progress('running')).toMatchObject({
      numDone: 10,
      numTotal: 100,
      imagesPerSecond: 0,
      etaSeconds: null,
    });
    for (let i = 0; i < 40; i++) {
      now += 10_000;
      meter.count(i === 0);
    }
    for (let i = 0; i < 40; i++) {
      now += 500;
      meter.count(false);
    }
    expect(meter.progress('running')).toMatchObject({ numDone: 90, numFailed: 1, imagesPerSecond: 2, etaSeconds: 5 });
  });

  it('says durations as people do', () => {
    expect([0, 59.4, 60, 200, 3600, 7500].map(duration)).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '3 min 20 s',
      '1 h 00 min',
      '2 h 05 min',
    ]);
  });
});

describe('prefetch', () => {
  it('keeps the order, loads no further ahead than asked, and yields errors', async () => {
    const started: number[] = [];
    const load = async (item: number) => {
      started.push(item);
      if (item === 1) throw new Error('broken');
      return item * 10;
    };
    const seen: unknown[] = [];
    for await (const { item, loaded } of prefetch([0, 1, 2, 3, 4], load, 2)) {
      seen.push('value' in loaded ? loaded.value : loaded.error);
      expect(started.length).toBeLessThanOrEqual(item + 3);
    }
    expect(seen).toEqual([0, new Error('broken'), 20, 30, 40]);
  });

  it('of nothing yields nothing', async () => {
    expect(await prefetch([], () => Promise.resolve(1), 2).next()).toEqual({ done: true, value: undefined });
  });
});

describe('a table of text', () => {
  it('aligns columns and shows control characters', () => {
    expect(
      textTable(
        ['a', 'n'],
        [
          ['é\n', '1'],
          ['long', '22'],
        ],
        'lr',
      ),
    ).toBe('a      n\né\ufffd     1\nlong  22\n');
  });
});
