import { beforeEach, expect, it, vi } from 'vitest';

const showTextDocument = vi.fn(async () => undefined);
const showErrorMessage = vi.fn<(text: string, ...actions: string[]) => Promise<string | undefined>>();
vi.mock('vscode', () => ({
  l10n: { t: (text: string, value = '') => text.replace('{0}', String(value)) },
  Range: class {
    constructor(...numbers: number[]) {
      Object.assign(this, { numbers });
    }
  },
  Uri: { file: (path: string) => ({ path }) },
  window: {
    showTextDocument,
    showErrorMessage,
    createOutputChannel: () => ({ error: () => undefined, show: vi.fn() }),
  },
}));
const { MiningError } = await import('../../../../src/core/mining-error.js');
const { Log } = await import('../../../../src/host/base/log.js');
const { placeOf } = await import('../../../../src/host/base/text-place.js');

beforeEach(() => showErrorMessage.mockReset().mockResolvedValue(undefined));

it('an error of a text has a button that opens its line', async () => {
  showErrorMessage.mockResolvedValue('Open Line 7');
  const error = new MiningError('checkpoint', 'contract.strides', 'a list', '3', { file: '/c/a.ohem.json', line: 7 });
  new Log().showError(error);
  expect(showErrorMessage).toHaveBeenCalledWith(error.message, 'Open Line 7', 'Show Log');
  await vi.waitFor(() => expect(showTextDocument).toHaveBeenCalledOnce());
  expect(showTextDocument).toHaveBeenCalledWith({ path: '/c/a.ohem.json' }, { selection: { numbers: [6, 0, 6, 0] } });
});

it('any other has none, but the page that is about it', () => {
  const error = new MiningError('checkpoint', 'path', 'a file', 'none', { file: '/c/a.onnx' });
  expect(placeOf(error)).toBeNull();
  new Log().showError(error);
  expect(showErrorMessage).toHaveBeenCalledWith(error.message, 'Open Documentation', 'Show Log');
});
