/** A file that is dropped onto the view "Hard Examples" is mined. */
import { beforeEach, expect, it, vi } from 'vitest';

const executeCommand = vi.hoisted(() => vi.fn<(...args: unknown[]) => Promise<void>>());
vi.mock('vscode', () => ({
  commands: { executeCommand },
  Uri: { parse: (text: string) => ({ text }) },
}));
const { DROP } = await import('../../../../src/host/run/drop-onto-view.js');

const drop = (list: string | undefined) => {
  const item = list === undefined ? undefined : { asString: async () => list };
  return DROP.handleDrop?.(undefined, { get: () => item } as never, {} as never);
};

beforeEach(() => executeCommand.mockReset());

it('goes to the question that is left, with the first of several files', async () => {
  expect(DROP.dropMimeTypes).toEqual(['text/uri-list']);
  await drop('file:///m/a%20b.onnx\r\nfile:///m/c.onnx');
  expect(executeCommand.mock.calls).toEqual([['ohemLens.mine', { text: 'file:///m/a%20b.onnx' }]]);
});

it.each([undefined, ''])('does nothing where no file is dropped: %s', async (list) => {
  await drop(list);
  expect(executeCommand).not.toHaveBeenCalled();
});
