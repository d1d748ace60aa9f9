import { beforeEach, describe, expect, it, vi } from 'vitest';

interface Item {
  readonly label: string;
}
/** What the person picks, in turn; undefined: gives up. */
let answers: (string | undefined)[] = [];
const shown: string[][] = [];
const showQuickPick = vi.fn((items: readonly Item[]) => {
  shown.push(items.map(({ label }) => label));
  const wanted = answers.shift();
  return Promise.resolve(items.find(({ label }) => label === wanted));
});
vi.mock('vscode', () => ({ window: { showQuickPick }, l10n: { t: (text: string) => text } }));
const { askColumns } = await import('../../../../src/host/inputs/ask-columns.js');
const { askOrigin } = await import('../../../../src/host/inputs/ask-origin.js');
beforeEach(() => void shown.splice(0));

const HEADERS = ['pic', 'kind', 'l', 't', 'r', 'b', ''];
const NONE = 'None: the table has width and height';

describe('naming columns', () => {
  it('asks for four sides, each header once', async () => {
    answers = ['pic', 'kind', 'l', 't', 'r', 'b'];
    expect(await askColumns(HEADERS)).toEqual({ image: 'pic', label: 'kind', x1: 'l', y1: 't', x2: 'r', y2: 'b' });
    expect(shown[0]).toEqual(['pic', 'kind', 'l', 't', 'r', 'b']);
    expect(shown.at(-1)).toEqual(['b']);
  });

  it('asks for width and height where there are no other sides', async () => {
    answers = ['pic', 'kind', 'l', 't', NONE, 'r', 'b'];
    const named = { image: 'pic', label: 'kind', x1: 'l', y1: 't', boxwidth: 'r', boxheight: 'b' };
    expect(await askColumns(HEADERS)).toEqual(named);
  });

  it('ends where the person gives up', async () => {
    for (const given of [[], ['pic', 'kind'], ['pic', 'kind', 'l', 't'], ['pic', 'kind', 'l', 't', NONE, 'r']]) {
      answers = given;
      expect(await askColumns(HEADERS)).toBeUndefined();
    }
  });
});

describe('what corners count from', () => {
  it('has first what is taken otherwise', async () => {
    answers = ['From 0: as most tools write them', 'From 1: pixel indices, as in the VOC devkit', undefined];
    expect([await askOrigin(1, 'Mine'), await askOrigin(0, 'Mine'), await askOrigin(0, 'Mine')]).toEqual([
      0,
      1,
      undefined,
    ]);
    expect(shown[0]?.[0]).toMatch(/^From 1/);
    expect(shown[1]?.[0]).toMatch(/^From 0/);
  });
});
