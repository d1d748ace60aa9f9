/** The guided set-up with a fake of the process that carries it out. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { said } from '../../../../src/core/said.js';
import { SETUPS } from '../../../../src/engine/survey.js';
import { toWire } from '../../../../src/protocol/wire-error.js';
import type { SetupChoiceFacts } from '../../../../src/protocol/setup-messages.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Log } from '../../../../src/host/base/log.js';

interface Shown {
  readonly text: string;
  readonly modal: boolean;
  readonly detail: string;
  readonly actions: readonly string[];
}
const world = vi.hoisted(() => ({
  shown: [] as Shown[],
  /** What a person answers: by the text of a message. */
  answer: (_text: string, _actions: readonly string[]): string | undefined => undefined,
  pick: (_items: readonly { readonly label: string; readonly choice?: unknown }[]): unknown => undefined,
  reports: [] as string[],
  log: [] as string[],
  cancel: null as null | (() => void),
  bundle: undefined as Readonly<Record<string, string>> | undefined,
  trusted: true,
}));
const message = (text: string, ...rest: (string | { modal?: boolean; detail?: string })[]) => {
  const options = rest.find((each) => typeof each === 'object');
  const actions = rest.filter((each) => typeof each === 'string');
  world.shown.push({ text, modal: options?.modal === true, detail: options?.detail ?? '', actions });
  return Promise.resolve(world.answer(text, actions));
};
vi.mock('vscode', () => ({
  l10n: {
    get bundle() {
      return world.bundle;
    },
    t: (text: string, ...given: unknown[]) =>
      given.reduce<string>((all, value, i) => all.replace(`{${i}}`, String(value)), world.bundle?.[text] ?? text),
  },
  ProgressLocation: { Notification: 15 },
  QuickPickItemKind: { Separator: -1 },
  workspace: {
    get isTrusted() {
      return world.trusted;
    },
    workspaceFolders: [{ uri: { scheme: 'file', fsPath: '/work' } }],
  },
  commands: { executeCommand: () => Promise.resolve() },
  window: {
    createOutputChannel: () => ({
      info: (text: string) => world.log.push(text),
      error: (text: string) => world.log.push(text),
      show: () => undefined,
      dispose: () => undefined,
    }),
    showInformationMessage: message,
    showWarningMessage: message,
    showErrorMessage: message,
    showQuickPick: (items: readonly { readonly label: string }[]) => Promise.resolve(world.pick(items)),
    withProgress: (_options: object, work: (progress: object, token: object) => Promise<unknown>) =>
      work(
        { report: ({ message: text }: { message?: string }) => text !== undefined && world.reports.push(text) },
        { onCancellationRequested: (stop: () => void) => (world.cancel = stop) },
      ),
  },
}));
const { SetupCommand } = await import('../../../../src/host/engine/setup-command.js');

const choice = (id: string, changes: Partial<SetupChoiceFacts> = {}): SetupChoiceFacts => ({
  id,
  title: `Title of ${id}`,
  detail: `Detail of ${id}`,
  more: '',
  args: [`--${id}`],
  downloadMb: 75,
  diskMb: 300,
  isHere: id === 'tensorflow',
  why: '',
  ...changes,
});
const CHOICES = [
  choice('tensorflow', { args: ['--tensorflow', '/tf'] }),
  choice('official', { why: 'needs a C++ compiler' }),
  choice('node'),
  choice('none', { args: [], downloadMb: 0, diskMb: 0 }),
];
const SURVEY = {
  event: 'survey',
  machine: { platform: 'linux-x64', node: 'v22', gpu: '', cuda: '', npm: '10', compiler: '12' },
  linked: null,
  dataFolder: '/data',
};

/** Answers `--list` with the survey, and lets `work` do the rest. */
function commandWith(
  work: (onLine: (line: object) => void, signal: AbortSignal) => Promise<void>,
  choices: readonly SetupChoiceFacts[] = CHOICES,
) {
  const calls: string[] = [];
  let restarts = 0;
  const engine = {
    restart: () => restarts++,
    async cli(
      args: readonly string[],
      signal: AbortSignal,
      options: { cwd?: string; onLine?: (line: string) => void } = {},
    ) {
      calls.push(`${args.join(' ')} in ${options.cwd ?? '?'}`);
      if (args.includes('--list')) return { text: JSON.stringify({ ...SURVEY, choices }), notes: [] };
      if (args[1] === 'remove') {
        const removed = (folder: string, wasThere: boolean) =>
          options.onLine?.(JSON.stringify({ event: 'removed', folder, wasThere }));
        removed('/data/tfjs-node', true);
        removed('/data/node', false);
        return { text: '', notes: [] };
      }
      await work((line) => options.onLine?.(JSON.stringify(line)), signal);
      return { text: '', notes: [] };
    },
  };
  const command = new SetupCommand(
    engine as unknown as EngineService,
    { showError: (error: unknown) => world.log.push(String(error)) } as unknown as Log,
  );
  return { command, calls, restarts: () => restarts };
}
const step = (name: string, index: number, state: string) => ({
  event: 'step',
  name,
  index,
  numSteps: 2,
  state,
  of: 'it',
});

beforeEach(() => {
  Object.assign(world, {
    shown: [],
    reports: [],
    log: [],
    cancel: null,
    bundle: undefined,
    trusted: true,
    answer: () => undefined,
    pick: () => undefined,
  });
});

describe('Set Up GPU Backend', () => {
  it('asks what, says sizes, asks consent, shows steps, logs every line, and says what runs now', async () => {
    const { command, calls, restarts } = commandWith(async (line) => {
      for (const each of [
        step('packages', 0, 'kept'),
        step('binding', 1, 'begun'),
        { event: 'bytes', received: 5e6, total: 9e6 },
        { event: 'output', text: '$ g++' },
        step('binding', 1, 'done'),
        { event: 'verdict', id: 'tfjs-node', runs: true, text: '2.21' },
      ])
        line(each);
    });
    let labels: string[] = [];
    world.pick = (items) => {
      labels = items.map(({ label }) => label);
      return items.find(({ label }) => label.includes('tensorflow') && !label.includes('libtensorflow'));
    };
    world.answer = (_text, actions) => actions.find((action) => action === 'Set Up');
    const outcome = await command.run();
    expect(outcome).toEqual({
      state: 'done',
      steps: [
        { name: 'packages', state: 'kept' },
        { name: 'binding', state: 'done' },
      ],
      verdicts: [{ id: 'tfjs-node', runs: true, text: '2.21' }],
      message: '',
    });
    expect(labels).toEqual([
      'Recommended here',
      '$(star-full) Title of tensorflow',
      'Found on this machine',
      expect.stringContaining('Another Python environment'),
      'Downloads',
      '$(circle-slash) Title of official',
      '$(cloud-download) Title of node',
      'Without this set-up',
      '$(info) Title of none',
    ]);
    expect(calls).toEqual([
      'engines setup --list --json in /work',
      'engines setup --tensorflow /tf --yes --json in /work',
    ]);
    expect(world.shown[0]).toMatchObject({
      modal: true,
      detail: expect.stringMatching(/75 MB are downloaded and 300 MB kept/),
    });
    expect(world.reports).toEqual([
      'step 1 of 2: packages',
      'step 2 of 2: binding',
      'step 2 of 2: binding · 5 / 9 MB',
      'step 2 of 2: binding',
    ]);
    expect(world.log).toEqual([
      '1/2 packages: kept: it',
      '2/2 binding: begun: it',
      '    $ g++',
      '2/2 binding: done: it',
      'tfjs-node runs: 2.21',
    ]);
    expect(world.shown[1].text).toBe('Title of tensorflow is set up: tfjs-node 2.21');
    expect(restarts()).toBe(1);
  });

  it('does nothing without consent, and nothing in a workspace that is not trusted', async () => {
    const { command, calls } = commandWith(() => Promise.reject(new Error('carried out')));
    expect(await command.run({ choice: 'node' })).toBeUndefined();
    expect(calls).toHaveLength(1);
    world.trusted = false;
    expect(await command.run({ choice: 'node', consent: true })).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it('a failure has the step’s own line, and can be tried again', async () => {
    let tries = 0;
    const { command, calls } = commandWith(async () => {
      if (tries++ === 0)
        throw new Error('engine: setup step "binding": expected to succeed, received g++: not found. apt install g++');
    });
    let again: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (again = resolve));
    world.answer = (text, actions) => {
      if (text.includes('is set up')) again();
      return actions.find((action) => action === 'Try Again');
    };
    expect(await command.run({ choice: 'tensorflow', consent: true })).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('setup step "binding"'),
    });
    expect(world.shown[0]).toMatchObject({
      text: expect.stringContaining('apt install g++'),
      actions: ['Try Again', 'Show Log'],
    });
    await done;
    expect(calls.at(-1)).toContain('engines setup --tensorflow /tf --yes');
  });

  it('is stopped by the notification’s "Cancel", and only one runs at a time', async () => {
    const { command, calls } = commandWith(
      (_line, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const first = command.run({ choice: 'node', consent: true });
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    const second = command.run({ choice: 'node', consent: true });
    world.cancel?.();
    expect(await first).toMatchObject({ state: 'stopped', message: '' });
    expect(await second).toEqual(await first);
    expect(calls).toHaveLength(2);
  });

  it('says why what is asked for cannot be had, and what there is', async () => {
    const { command } = commandWith(() => Promise.resolve());
    await expect(command.run({ choice: 'official', consent: true })).rejects.toThrow(
      'options: choice: expected one that can be had here, received needs a C++ compiler',
    );
    await expect(command.run({ choice: 'magic' })).rejects.toThrow(
      'expected one of tensorflow, official, node, none, received "magic"',
    );
    world.pick = (items) => items.find(({ label }) => label.includes('official'));
    expect(await command.run()).toBeUndefined();
    expect(world.shown.at(-1)?.text).toBe('Title of official: needs a C++ compiler');
  });

  it('speaks Chinese: what can be set up, why not, and why a step failed', async () => {
    world.bundle = JSON.parse(readFileSync('l10n/bundle.l10n.zh-cn.json', 'utf8'));
    const machine = { platform: 'sunos-x64', node: 'v22', gpu: '', cuda: '', npm: '', compiler: '' };
    const look = { machine, workFolder: '/', named: null };
    const offers = (await Promise.all(SETUPS.map((setup) => setup.offers(look)))).flat();
    const failure = new MiningError('engine', 'setup', 'a backend that runs', said`${'g++'}: not found`);
    const { command } = commandWith(
      (line) => {
        line({ event: 'failed', error: toWire(failure) });
        return Promise.reject(new Error(failure.message));
      },
      [choice('tensorflow'), ...offers],
    );
    let shown = '';
    world.pick = (items) => void (shown = JSON.stringify(items, ['label', 'description', 'detail']));
    await command.run();
    const english = shown.match(/[a-z]{3,} [a-z]{3,}/g) ?? [];
    expect(english.filter((words) => !/itle of|etail of|apt install/.test(words))).toEqual([]);
    expect(shown).toContain('npm 包 webgpu 不支持 sunos-x64');
    expect((await command.run({ choice: 'tensorflow', consent: true }))?.message).toContain('g++：未找到');
  });

  it('removes after asking; the shared process lets go of the libraries first', async () => {
    const { command, calls, restarts } = commandWith(() => Promise.resolve());
    expect(await command.remove()).toBeUndefined();
    expect(calls).toEqual([]);
    world.answer = (_text, actions) => actions.find((action) => action === 'Remove');
    expect(await command.remove()).toEqual(['/data/tfjs-node']);
    expect(restarts()).toBe(1);
  });
});
