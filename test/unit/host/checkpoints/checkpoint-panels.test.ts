/** Editors that compare checkpoints: what they ask of the engine process and say of files, how they come back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { WebviewPanel } from 'vscode';
import type { CheckpointServices } from '../../../../src/host/checkpoints/checkpoint-panel.js';
import type { CheckpointHost, CheckpointView, ExampleSide } from '../../../../src/protocol/checkpoint-messages.js';
import { FakeEventEmitter } from '../fake-vscode.js';
import { fakeWebview } from '../fake-webview.js';

const changes = new FakeEventEmitter<void>();
vi.mock('vscode', async () => {
  const { FakeEventEmitter: Emitter, FakeUri } = await import('../fake-vscode.js');
  const never = new Emitter<void>().event;
  return {
    EventEmitter: Emitter,
    Uri: FakeUri,
    RelativePattern: class {},
    env: { language: 'en' },
    l10n: { t: (text: string, ...values: string[]) => text.replace('{0}', values[0] ?? '') },
    workspace: {
      asRelativePath: (file: string) => file.slice(1),
      createFileSystemWatcher: () => ({
        onDidCreate: never,
        onDidChange: changes.event,
        onDidDelete: never,
        dispose: () => undefined,
      }),
    },
  };
});
const vscode = await import('vscode');
const { CheckpointPanels } = await import('../../../../src/host/checkpoints/checkpoint-panels.js');

const folder = mkdtempSync(path.join(tmpdir(), 'ohem-checkpoint-panels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VIEW = ['runs', 'progress', 'news', 'picturesChanged', 'notice'] as const;
const side = (run: number): ExampleSide => ({
  ...{ look: run, run, imageIndex: 4, path: '/i/a.jpg', imageRoot: '/i', width: 9, height: 9 },
  gtBox: null,
  roi: null,
});

async function setUp(names: readonly string[]) {
  const paths = names.map((name) => path.join(folder, name));
  for (const file of paths) writeFileSync(file, 'run');
  const call = vi.fn(async (method: string) => (method === 'checkpointsExample' ? [side(0), side(1)] : {}));
  const log = { info: vi.fn(), warning: vi.fn(), error: vi.fn() };
  const openImage = vi.fn(async () => undefined);
  const services = {
    log,
    openImage,
    engine: { start: async () => ({ alive: true, call, kill: () => undefined }) },
    images: {
      roots: ['/i'],
      folders: { onDidAllow: () => ({ dispose: () => undefined }), offer: vi.fn() },
      of: async (file: string) => ({ path: file, note: '' }),
    },
    assets: vscode.Uri.file('/assets'),
  } as unknown as CheckpointServices;
  const panels = new CheckpointPanels(services);
  const fake = fakeWebview<CheckpointView, CheckpointHost>(VIEW);
  await panels.deserializeWebviewPanel(fake.panel as unknown as WebviewPanel, { paths });
  return { ...fake, panels, paths, call, log, openImage, page: fake.load() };
}

describe('an editor that compares checkpoints', () => {
  it('says which runs, reads them, and hands pictures over that the page may load', async () => {
    const { page, told, paths, call, panel } = await setUp(['e1.ohem', 'e2.ohem']);
    expect(panel.title).toBe('Compare e1 · e2');
    await page.call('ready', {});
    expect(told[0]).toEqual({ kind: 'runs', paths, names: ['e1', 'e2'] });
    await page.call('read', { again: false });
    expect(call).toHaveBeenCalledWith('checkpointsRead', { paths, again: false }, expect.anything());
    const { sides } = await page.call('example', { key: { image: 'a.jpg', gt: null, a: 0, b: 1 } });
    expect(sides.map(({ uri, run }) => [uri, run])).toEqual([
      ['webview:/i/a.jpg', 0],
      ['webview:/i/a.jpg', 1],
    ]);
    panel.dispose();
  });

  it('opens images of its own runs only', async () => {
    const { page, openImage, paths, panel } = await setUp(['e1.ohem', 'e2.ohem']);
    await page.call('ready', {});
    await page.call('openImage', { path: paths[1] ?? '', imageIndex: 4 });
    await page.call('openImage', { path: '/etc/passwd', imageIndex: 0 });
    expect(openImage.mock.calls).toEqual([[paths[1], 4]]);
    panel.dispose();
  });

  it('names runs that were changed or deleted since they were read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { page, told, paths, panel } = await setUp(['c1.ohem', 'c2.ohem', 'c3.ohem']);
    await page.call('ready', {});
    await page.call('read', { again: false });
    writeFileSync(paths[0] ?? '', 'another run');
    rmSync(paths[1] ?? '');
    changes.fire();
    vi.runAllTimers();
    vi.useRealTimers();
    await vi.waitFor(() =>
      expect(told.at(-1)).toEqual({
        kind: 'news',
        news: [
          { path: paths[0], state: 'changed' },
          { path: paths[1], state: 'gone' },
        ],
      }),
    );
    await page.call('read', { again: true });
    expect(told.at(-1)).toEqual({ kind: 'news', news: [{ path: paths[1], state: 'gone' }] });
    panel.dispose();
  });

  it('comes back with its runs; without any there is nothing to show', async () => {
    const { panels, panel, log } = await setUp(['e1.ohem', 'e2.ohem']);
    expect(panels.panels).toHaveLength(1);
    panel.dispose();
    expect(panels.panels).toHaveLength(0);
    const empty = fakeWebview<CheckpointView, CheckpointHost>(VIEW);
    await panels.deserializeWebviewPanel(empty.panel as unknown as WebviewPanel, { paths: 7 });
    expect(panels.panels).toHaveLength(0);
    expect(log.warning).toHaveBeenCalledWith('comparison of checkpoints: no runs');
  });

  it('tells runs of one name by their folders', async () => {
    for (const sub of ['x', 'y']) mkdirSync(path.join(folder, sub));
    const { paths, panel, told, page } = await setUp(['x/e1.ohem', 'y/e1.ohem']);
    await page.call('ready', {});
    expect(told[0]).toMatchObject({ names: paths.map((file) => file.slice(1)) });
    panel.dispose();
  });
});
