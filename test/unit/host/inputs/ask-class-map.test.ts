import { beforeEach, expect, it, vi } from 'vitest';

interface Item {
  readonly label: string;
}
/** What the person picks, in turn; undefined: gives up. */
let answers: (string | undefined)[] = [];
const titles: string[] = [];
const showQuickPick = (items: readonly Item[], { title }: { readonly title: string }) => {
  titles.push(title);
  const wanted = answers.shift();
  return Promise.resolve(items.find(({ label }) => label === wanted));
};
vi.mock('vscode', () => ({
  window: { showQuickPick },
  l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
}));
const { askClassMap } = await import('../../../../src/host/inputs/ask-class-map.js');
const LISTS = { dataset: ['auto', 'dog', '__proto__'], checkpoint: ['car', 'dog'], family: 'yolox' };
beforeEach(() => void titles.splice(0));

it('asks once for each class of the data set, and counts that', async () => {
  answers = ['car', 'dog', 'None of them'];
  const map = await askClassMap(LISTS);
  expect(Object.entries(map ?? {})).toEqual([
    ['auto', 'car'],
    ['dog', 'dog'],
    ['__proto__', null],
  ]);
  expect(titles).toEqual(['Map Classes (1/3)', 'Map Classes (2/3)', 'Map Classes (3/3)']);
});

it('ends where the person gives up', async () => {
  answers = ['car', undefined, 'dog'];
  expect(await askClassMap(LISTS)).toBeUndefined();
  expect(titles).toHaveLength(2);
});
