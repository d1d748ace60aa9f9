/** What a person is offered when a job has ended. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type { JobRequest, MineOutcome, MiningJob, MiningJobs } from '../../../../src/host/mine/mining-jobs.js';
import type { Log } from '../../../../src/host/base/log.js';

const window = vi.hoisted(() => ({
  showErrorMessage: vi.fn(),
  showWarningMessage: vi.fn(),
  showInformationMessage: vi.fn(),
}));
const workspace = vi.hoisted(() => `${process.env['TMPDIR'] ?? '/tmp'}/ohem-follow-${process.pid}`);
const executeCommand = vi.hoisted(() => vi.fn());
vi.mock('vscode', () => ({
  window,
  commands: { executeCommand },
  workspace: {
    workspaceFolders: [{ uri: { scheme: 'file', fsPath: workspace } }],
    getConfiguration: () => ({ get: (_: string, none: unknown) => none }),
  },
  l10n: { t: (text: string) => text },
}));
const { JobFollower } = await import('../../../../src/host/mine/follow-job.js');

const DONE = { state: 'done', numImages: 3, numFailed: 0, numWithoutLoss: 0, message: '', ofBackend: false };

function follow(outcomes: readonly object[], described?: JobRequest['described']) {
  const request = { kind: 'mine', ...(described === undefined ? {} : { described }) } as JobRequest;
  const jobs = outcomes.map((outcome) => ({
    request,
    opened: Promise.resolve(undefined),
    done: Promise.resolve({ ...DONE, ...outcome } as MineOutcome),
    onDidChange: () => ({ dispose: () => undefined }),
  }));
  const start = vi.fn(() => jobs[1]);
  const log = { info: vi.fn(), error: vi.fn() } as unknown as Log;
  const follower = new JobFollower({ start } as unknown as MiningJobs, log);
  return { start, done: follower.follow(jobs[0] as unknown as MiningJob) };
}

afterAll(() => rmSync(workspace, { recursive: true, force: true }));
beforeEach(() => {
  vi.clearAllMocks();
  for (const show of [window.showErrorMessage, window.showWarningMessage, window.showInformationMessage])
    show.mockResolvedValue(undefined);
});

it('asks what unknown outputs mean, and mines again once it is said', async () => {
  const inputs = { checkpoint: '/m.onnx', data: '/d' };
  const again = vi.fn(async () => ({ kind: 'mine' }) as JobRequest);
  window.showErrorMessage.mockResolvedValueOnce('Describe Checkpoint…');
  executeCommand.mockResolvedValueOnce('/m.ohem.json');
  const failed = { state: 'failed', numImages: 0, message: 'checkpoint: outputs', isUnsure: true };
  const { start, done } = follow([failed, {}], { inputs, again });
  await done;
  await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  expect(window.showErrorMessage).toHaveBeenCalledWith('checkpoint: outputs', 'Describe Checkpoint…', 'Show Log');
  expect(executeCommand).toHaveBeenCalledWith('ohemLens.describeCheckpoint', { ...inputs, minesNext: true });
  await vi.waitFor(() => expect(window.showInformationMessage).toHaveBeenCalledWith('Mined {0} images.'));
});

it('says that outputs were guessed; nothing follows where nothing was saved', async () => {
  window.showWarningMessage.mockResolvedValueOnce('Describe Checkpoint…');
  const again = vi.fn();
  const { start, done } = follow([{ isUnsure: true }], { inputs: { checkpoint: '/m', data: '/d' }, again });
  await done;
  await vi.waitFor(() => expect(executeCommand).toHaveBeenCalledOnce());
  const [text] = window.showWarningMessage.mock.calls[0];
  expect(text).toBe('Mined {0} images. What the model’s outputs mean was guessed.');
  expect(start).not.toHaveBeenCalled();
});

it('offers no wizard where a run cannot be asked again', async () => {
  await follow([{ state: 'failed', numImages: 0, message: 'no', isUnsure: true }]).done;
  expect(window.showErrorMessage).toHaveBeenCalledWith('no', 'Show Log');
});

it('shows no toast while it goes on: the panel and the status bar do', async () => {
  await follow([{}]).done;
  expect(window).not.toHaveProperty('withProgress');
  await vi.waitFor(() => expect(window.showInformationMessage).toHaveBeenCalledOnce());
});

it('a refusal leaves no empty run folder behind, and offers the page that it is about', async () => {
  const runs = join(workspace, 'ohem-runs');
  mkdirSync(runs, { recursive: true });
  const failed = { state: 'failed', numImages: 0, message: 'no', docs: 'checkpoints.md' };
  window.showErrorMessage.mockResolvedValueOnce('Open Documentation');
  await follow([failed]).done;
  expect(existsSync(runs)).toBe(false);
  await vi.waitFor(() => expect(executeCommand).toHaveBeenCalledWith('ohemLens.openDocumentation', 'checkpoints.md'));
  mkdirSync(runs);
  writeFileSync(join(runs, 'other.ohem'), '');
  await follow([failed]).done;
  expect(existsSync(join(runs, 'other.ohem'))).toBe(true);
});
