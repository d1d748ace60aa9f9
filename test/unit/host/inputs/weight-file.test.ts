/** A file of weights is refused where it is picked, with what leads on. */
import { expect, it, vi } from 'vitest';

const { pickPath, showWarningMessage, openDocs } = vi.hoisted(() => ({
  pickPath: vi.fn<(items: unknown, found: unknown, options: { title: string }) => Promise<string | undefined>>(),
  showWarningMessage: vi.fn<() => Promise<string | undefined>>(),
  openDocs: vi.fn(),
}));
vi.mock('vscode', () => ({
  l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
  workspace: { workspaceFolders: [] },
}));
vi.mock('../../../../src/host/inputs/pick-path.js', () => ({
  pickPath,
  browseItem: () => ({}),
  foundItem: () => ({}),
}));
vi.mock('../../../../src/host/base/speak.js', () => ({ showWarningMessage }));
vi.mock('../../../../src/host/base/docs.js', () => ({ openDocs }));
const { askInputs, inputAt } = await import('../../../../src/host/inputs/mine-inputs.js');

const ANSWERS: Readonly<Record<string, object>> = {
  findInputs: { checkpoints: [{ path: '/m/a.onnx' }], predictions: [], datasets: [], truncated: false },
  splitsOf: { splits: [] },
  untoldOrigin: { origin: null },
};
const engine = { call: async (method: string) => ANSWERS[method] } as never;
const ask = (given = {}) =>
  askInputs(engine, { checkpoint: '/s', data: '/s' }, {} as never, { what: 'Mine', takesPredictions: true, given });

it('says in the first step how it is exported, and takes another', async () => {
  pickPath.mockResolvedValueOnce('/m/best.pt').mockResolvedValueOnce('/m/best.onnx').mockResolvedValueOnce('/d');
  showWarningMessage.mockResolvedValueOnce('Other Checkpoint…');
  expect(await ask()).toEqual({ checkpoint: '/m/best.onnx', data: '/d' });
  expect(showWarningMessage).toHaveBeenCalledWith(
    'best.pt holds weights without the network, and is never opened. Export it to ONNX first.',
    'Export To ONNX (How)',
    'Other Checkpoint…',
  );
  expect(pickPath.mock.calls.map(([, , { title }]) => title)).toEqual([
    'Mine: Checkpoint',
    'Mine: Checkpoint',
    'Mine: Annotated Images',
  ]);
});

it('of the explorer, too, with the page that says how', async () => {
  showWarningMessage.mockResolvedValueOnce('Export To ONNX (How)');
  expect(await ask(await inputAt(engine, '/m/best.pt'))).toBeUndefined();
  expect(openDocs).toHaveBeenCalledWith('checkpoints.md');
});

it('what was clicked is not asked for again', async () => {
  pickPath.mockReset().mockResolvedValueOnce('/d').mockResolvedValueOnce('/m/b.onnx');
  expect(await ask(await inputAt(engine, '/m/a.onnx'))).toEqual({ checkpoint: '/m/a.onnx', data: '/d' });
  expect(await ask(await inputAt(engine, '/d2'))).toEqual({ checkpoint: '/m/b.onnx', data: '/d2' });
});
