import { describe, expect, it, vi } from 'vitest';
import type { DynamicsAnswer } from '../../../../src/protocol/dynamics-answer.js';
import type { Run } from '../../../../src/host/run/run.js';

const shown: {
  items: { label: string; description?: string; detail?: string }[];
  activeItems: unknown[];
  accept?: () => void;
}[] = [];
vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)])),
  },
  window: {
    createQuickPick: () => {
      const list = {
        items: [],
        activeItems: [],
        onDidAccept: (accept: () => void) => Object.assign(list, { accept }),
        onDidHide: () => undefined,
        show: () => undefined,
        dispose: () => undefined,
      };
      shown.push(list);
      return list;
    },
  },
}));
const { showDynamicsList } = await import('../../../../src/host/run/dynamics-list.js');

const answer: DynamicsAnswer = {
  runs: ['/1.ohem', '/2.ohem'],
  complete: true,
  num_images: [2, 2],
  num_in_dataset: [2, 2],
  examples: [
    { image: 'b.png', gt_index: 3, label: 'cat', aum: -1.23456, forgotten: 2, first_learned: 0 },
    { image: 'gone.png', gt_index: null, label: 'dog', aum: null, forgotten: 0, first_learned: null },
  ],
};

describe('the list of examples over a training', () => {
  it('has a line for each with its measures, and opens its image in the last run', () => {
    const open = vi.fn(async () => undefined);
    const showError = vi.fn();
    const run = { path: '/2.ohem', images: [{ id: 'a.png' }, { id: 'b.png' }] } as unknown as Run;
    showDynamicsList(answer, run, { open }, { showError });
    const [list] = shown;
    expect(list.items).toEqual([
      {
        label: 'b.png',
        description: 'AUM -1.235 · forgotten 2× · learnt at 1 of 2',
        detail: 'cat · object 3',
        image: 'b.png',
      },
      { label: 'gone.png', description: 'AUM unknown · forgotten 0× · never learnt', detail: 'dog', image: 'gone.png' },
    ]);
    list.activeItems = [list.items[0]];
    list.accept?.();
    list.activeItems = [list.items[1]];
    list.accept?.();
    expect(open.mock.calls).toEqual([['/2.ohem', 1]]);
    expect(showError).not.toHaveBeenCalled();
  });
});
