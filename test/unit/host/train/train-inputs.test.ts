/** The questions of "Train With Hard Examples…", answered as a person does. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { DatasetFacts } from '../../../../src/core/facts/run-manifest.js';

const world = vi.hoisted(() => ({ titles: [] as string[], preset: '' }));
vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...given: unknown[]) =>
      given.reduce<string>((all, value, i) => all.replace(`{${i}}`, String(value)), text),
  },
  workspace: { getConfiguration: () => ({ get: () => undefined, inspect: () => undefined }) },
}));
vi.mock('../../../../src/host/base/speak.js', () => ({
  showQuickPick: async (items: readonly { readonly label: string }[], { title }: { readonly title: string }) => {
    world.titles.push(title);
    return (
      items.find(({ label }) => label === world.preset) ?? items.find(({ label }) => label === 'No mAP') ?? items[0]
    );
  },
  showInputBox: async ({ title, value }: { readonly title: string; readonly value: string }) => {
    world.titles.push(title);
    return value;
  },
}));
const { askTraining } = await import('../../../../src/host/train/train-inputs.js');

const defaults = {
  mining: DEFAULT_CONFIG,
  dataset: { split: null } as DatasetFacts,
  splits: [],
  epochs: 4,
  learningRate: 0.002,
  frozenBody: false,
  out: '/new',
};
/** `2/6` of `Train With Hard Examples (2/6): …`. */
const places = () => world.titles.map((title) => /\((\d\/[\d–]+)\)/.exec(title)?.[1]);

beforeEach(() => Object.assign(world, { titles: [], preset: '' }));

describe('askTraining', () => {
  it('asks six questions and counts them, once it is known that they are six', async () => {
    expect(await askTraining(defaults)).toMatchObject({ epochs: 4, frozenBody: false, validation: { on: 'none' } });
    expect(places()).toEqual(['1/5–6', '2/6', '3/6', '4/6', '5/6', '6/6']);
  });

  it('counts truly where a preset leaves no choice of layers', async () => {
    world.preset = 'bootstrap';
    expect(await askTraining(defaults)).toMatchObject({ frozenBody: true });
    expect(places()).toEqual(['1/5–6', '2/5', '3/5', '4/5', '5/5']);
  });
});
