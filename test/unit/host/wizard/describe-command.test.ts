/** "Describe Checkpoint" from arguments: inspected in a process of its own, saved or not. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { WizardServices } from '../../../../src/host/wizard/wizard-panel.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import type { WizardHost, WizardView } from '../../../../src/protocol/inspect-messages.js';
import { fakeWebview } from '../fake-webview.js';

const stub = vi.hoisted(() => ({
  cancel: (): void => undefined,
  report: vi.fn(),
  told: vi.fn(),
  executeCommand: vi.fn(),
  panel: {},
}));
vi.mock('vscode', async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    env: { language: 'en' },
    l10n: {
      t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i: string) => `${given[Number(i)]}`),
    },
    ViewColumn: {},
    ProgressLocation: {},
    commands: { executeCommand: stub.executeCommand },
    workspace: { isTrusted: true, getConfiguration: () => ({ get: (_: string, otherwise: unknown) => otherwise }) },
    window: {
      createWebviewPanel: () => stub.panel,
      showInformationMessage: stub.told,
      withProgress: (_: object, task: (progress: object, token: object) => unknown) =>
        task(
          { report: stub.report },
          { onCancellationRequested: (listener: () => void) => void (stub.cancel = listener) },
        ),
    },
  };
});
const vscode = await import('vscode');
const { DescribeCommand } = await import('../../../../src/host/wizard/describe-command.js');
const { EngineStopped } = await import('../../../../src/host/engine/engine-process.js');

const state = {
  images: [],
  readings: [],
  chosen: 0,
  facts: [],
  evidence: { text: '', values: [] },
  isWeak: true,
  repairs: [],
};
const asked = { checkpoint: '/d/m.onnx', data: '/d/a.json' };

function setUp(call: (method: string) => unknown) {
  const { panel, load } = fakeWebview<WizardView, WizardHost>(['wizard', 'notice']);
  stub.panel = panel;
  const kill = vi.fn();
  const called = vi.fn(async (method: string, _params: object) => call(method));
  const start = async (onEvent: (event: WorkerEvent) => void) => {
    onEvent({ event: 'inspecting', numDone: 1, numTotal: 4 });
    return { call: called, kill };
  };
  const folders = { allow: vi.fn(), onDidAllow: () => ({ dispose: () => undefined }) };
  const log = { info: vi.fn(), warning: vi.fn(), error: vi.fn() };
  const services = { log, engine: { start }, images: { roots: [], folders }, assets: vscode.Uri.file('/assets') };
  const command = new DescribeCommand('/ext', services as unknown as WizardServices);
  return { command, called, kill, load, panel };
}

beforeEach(() => vi.clearAllMocks());

it('inspects with progress, and offers to mine after the saving', async () => {
  const { command, called, load } = setUp((method) =>
    method === 'saveReading' ? { path: '/d/m.ohem.json', contradicted: [] } : state,
  );
  stub.told.mockResolvedValueOnce('Mine Hard Examples');
  const answers = { split: 'val', boxOrigin: 1, columns: { image: 'photo' } } as const;
  const saved = command.run({ ...asked, ...answers });
  await vi.waitFor(() => expect(command.panels).toHaveLength(1));
  expect(called).toHaveBeenCalledWith('inspect', { ...asked, dataset: answers, backend: null });
  expect(stub.report).toHaveBeenCalledWith({ message: 'reading 2 of at most 4', increment: 25 });
  const page = load();
  page.tell('ready', {});
  page.tell('save', {});
  expect(await saved).toBe('/d/m.ohem.json');
  expect(command.panels).toEqual([]);
  await vi.waitFor(() => expect(stub.executeCommand).toHaveBeenCalledWith('ohemLens.mine', { ...asked, ...answers }));
});

it('ends the process where the person gives up', async () => {
  let stop: (error: Error) => void = () => undefined;
  const { command, kill } = setUp(() => new Promise((_, reject) => (stop = reject)));
  kill.mockImplementation(() => stop(new EngineStopped('stopped')));
  const saved = command.run(asked);
  await vi.waitFor(() => expect(stub.report).toHaveBeenCalled());
  await Promise.resolve();
  stub.cancel();
  expect(await saved).toBeUndefined();
  expect(kill).toHaveBeenCalled();
  expect(command.panels).toEqual([]);
});

it('says what is wrong with arguments and checkpoints', async () => {
  const { command, kill } = setUp(() => Promise.reject(new Error('checkpoint: outputs')));
  await expect(command.run({ data: '/d' })).rejects.toThrow('options: checkpoint: expected a path');
  await expect(command.run(asked)).rejects.toThrow('checkpoint: outputs');
  expect(kill).toHaveBeenCalledOnce();
});
