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
const askClassMap = vi.hoisted(() => vi.fn());
vi.mock('../../../../src/host/inputs/ask-class-map.js', () => ({ askClassMap }));
const { JobFollower, progressText } = await import('../../../../src/host/mine/follow-job.js');

const DONE = { state: 'done', numImages: 3, numFailed: 0, numWithoutLoss: 0, message: '', ofBackend: false };

function follow(outcomes: readonly object[], asked: Partial<JobRequest> = {}) {
  const request = { kind: 'mine', ...asked } as JobRequest;
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
  const { start, done } = follow([failed, {}], { described: { inputs, again } });
  await done;
  await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  expect(window.showErrorMessage).toHaveBeenCalledWith('checkpoint: outputs', 'Describe Checkpoint…', 'Show Log');
  expect(executeCommand).toHaveBeenCalledWith('ohemLens.describeCheckpoint', { ...inputs, minesNext: true });
  await vi.waitFor(() => expect(window.showInformationMessage).toHaveBeenCalledWith('Mined {0} images.'));
});

it('says that outputs were guessed; nothing follows where nothing was saved', async () => {
  window.showWarningMessage.mockResolvedValueOnce('Describe Checkpoint…');
  const again = vi.fn();
  const described = { inputs: { checkpoint: '/m', data: '/d' }, again };
  const { start, done } = follow([{ isUnsure: true }], { described });
  await done;
  await vi.waitFor(() => expect(executeCommand).toHaveBeenCalledOnce());
  const [text] = window.showWarningMessage.mock.calls[0];
  expect(text).toBe('Mined {0} images. What the model’s outputs mean was guessed.');
  expect(start).not.toHaveBeenCalled();
});

const CLASSES = { family: 'yolov8', checkpoint: ['cat', 'dog'], dataset: ['hound'] };
const PLACE = { file: '/m.ohem.json', line: 3 };
const NONE_MINED = { state: 'failed', numImages: 0, message: 'no' };
const STOPPED = { state: 'stopped', numImages: 3 };
const ASKABLE: Partial<JobRequest> = {
  described: { inputs: { checkpoint: '/m', data: '/d' }, again: vi.fn() },
  withClasses: vi.fn(),
  withColumns: vi.fn(),
};

/** Each way to end, and the buttons that lead on from it. */
it.each<[string, object, Partial<JobRequest>, readonly string[]]>([
  ['unknown outputs', { ...NONE_MINED, isUnsure: true }, ASKABLE, ['Describe Checkpoint…', 'Show Log']],
  ['other classes', { ...NONE_MINED, classes: CLASSES }, ASKABLE, ['Map Classes…', 'Show Log']],
  ['unknown columns', { ...NONE_MINED, columns: ['a'] }, ASKABLE, ['Name Columns…', 'Show Log']],
  ['a line of a contract', { ...NONE_MINED, place: PLACE }, {}, ['Open Line {0}', 'Show Log']],
  ['a page that says more', { ...NONE_MINED, docs: 'annotations.md' }, {}, ['Open Documentation', 'Show Log']],
  ['a button before a page', { ...NONE_MINED, docs: 'x.md', classes: CLASSES }, ASKABLE, ['Map Classes…', 'Show Log']],
  ['what cannot be asked again', { ...NONE_MINED, classes: CLASSES, columns: ['a'] }, {}, ['Show Log']],
  ['a backend', { ...NONE_MINED, ofBackend: true }, {}, ['Choose Backend…', 'Show Log']],
  [
    'a backend half way',
    { ...NONE_MINED, numImages: 3, ofBackend: true },
    {},
    ['Resume', 'Other Backend…', 'Show Log'],
  ],
  ['stopped', STOPPED, {}, ['Resume']],
  ['an import that was stopped', STOPPED, { kind: 'import' }, []],
  ['images that failed', { numFailed: 1 }, {}, ['Show Log']],
  ['done', {}, {}, []],
])('%s: the buttons are those that lead on', async (_, outcome, asked, buttons) => {
  await follow([outcome], asked).done;
  const shown = [window.showErrorMessage, window.showWarningMessage, window.showInformationMessage].flatMap(
    ({ mock }) => mock.calls as unknown[][],
  );
  expect(shown.map(([, ...actions]) => actions)).toEqual([buttons]);
});

it('asks which class is which, and mines again with the map', async () => {
  window.showErrorMessage.mockResolvedValueOnce('Map Classes…');
  askClassMap.mockResolvedValueOnce({ hound: 'dog' });
  const withClasses = vi.fn(async () => ({ kind: 'mine' }) as JobRequest);
  const { start, done } = follow([{ ...NONE_MINED, classes: CLASSES }, {}], { withClasses });
  await done;
  await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  expect(askClassMap).toHaveBeenCalledWith(CLASSES);
  expect(withClasses).toHaveBeenCalledWith({ hound: 'dog' }, 'yolov8');
});

it.each([
  ['Choose Backend…', { ...NONE_MINED, ofBackend: true }, ['ohemLens.chooseBackend']],
  ['Resume', STOPPED, ['ohemLens.resumeRun', '/r.ohem']],
  ['Other Backend…', { ...NONE_MINED, numImages: 3, ofBackend: true }, ['ohemLens.mineWithOtherBackend', '/r.ohem']],
])('%s leads on', async (button, outcome, command) => {
  (outcome.state === 'failed' ? window.showErrorMessage : window.showInformationMessage).mockResolvedValueOnce(button);
  await follow([{ ...outcome, outPath: '/r.ohem' }]).done;
  await vi.waitFor(() => expect(executeCommand).toHaveBeenCalledWith(...command));
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

it('says how many shards of a run that is followed are whole, and which are not begun', () => {
  const job = { request: { kind: 'shards' }, progress: { numDone: 0, numTotal: 0 } } as unknown as MiningJob;
  expect(progressText(job)).toBe('waiting for a first shard');
  const notBegun = Array.from({ length: 12 }, (_, i) => i);
  const progress = { numDone: 4, numTotal: 9, imagesPerSecond: 0, etaSeconds: null, backend: '' };
  const at = {
    ...job,
    progress: { ...progress, shards: { count: 14, numWhole: 1, notBegun } },
  } as unknown as MiningJob;
  expect(progressText(at)).toBe('{0} of {1} images · {0} of {1} shards whole · not begun: {0}');
});
