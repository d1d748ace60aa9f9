/** Panels of trainings that come back with a window. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Memento, WebviewPanel } from 'vscode';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Log } from '../../../../src/host/base/log.js';
import type { TrainPanelServices } from '../../../../src/host/train/train-panel.js';
import type { TrainingHost, TrainingView } from '../../../../src/protocol/train-messages.js';
import { fakeWebview } from '../fake-webview.js';

vi.mock('vscode', async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    env: { language: 'en' },
    l10n: { t: (text: string) => text },
    ViewColumn: {},
    window: {},
  };
});
const vscode = await import('vscode');
const { TrainPanels } = await import('../../../../src/host/train/train-panels.js');
const { Trainings } = await import('../../../../src/host/train/trainings.js');
const { writeTrainFolder } = await import('../../../../src/host/train/train-folder.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-train-panels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const config = {
  data: { path: '/d/a.json', images: '/d' },
  init: '/m',
  sampler: { preset: 'paper' as const },
  imagesPerBatch: 2,
  schedule: { epochs: 2, learningRate: 0.01, warmup: 1 },
  frozenBody: false,
  logEvery: 1,
  out: '.',
};

function setUp() {
  const log = { info: vi.fn(), warning: vi.fn(), error: vi.fn() } as unknown as Log;
  const remembered: string[][] = [];
  const state = {
    get: (_: string, otherwise: unknown) => remembered.at(-1) ?? otherwise,
    update: async (_: string, value: string[]) => void remembered.push(value),
  } as unknown as Memento;
  const trainings = new Trainings({} as EngineService, state, log);
  const act = vi.fn(async () => undefined);
  const call = vi.fn<(method: string, params: object) => Promise<unknown>>(async () => null);
  const services = {
    log,
    act,
    images: {
      roots: ['/converted'],
      folders: { onDidAllow: () => ({ dispose: () => undefined }) },
      of: async (path: string) => ({ path, note: '' }),
    },
    assets: vscode.Uri.file('/assets'),
    engine: { call },
  } as unknown as TrainPanelServices;
  return { panels: new TrainPanels(trainings, services), trainings, log, act, call, remembered };
}

const VIEW = ['training', 'points', 'progress', 'chosen', 'comparison', 'gains', 'notice'] as const;

function fakePanel() {
  const { panel: raw, told, load, closed } = fakeWebview<TrainingView, TrainingHost>(VIEW);
  const dispose = vi.spyOn(raw, 'dispose');
  return { panel: raw as unknown as WebviewPanel, raw, dispose, told, page: load(), close: () => closed.fire() };
}

describe('a panel that comes back', () => {
  it('shows the training of its folder, as soon as the page listens', async () => {
    const { panels, act, remembered } = setUp();
    const out = join(folder, 'there');
    await writeTrainFolder(out, config, { run: '/r.ohem', classes: [], validation: '' });
    const { panel, raw, told, page, close } = fakePanel();
    await panels.deserializeWebviewPanel(panel, { out });
    expect(raw.webview.html).toContain('train.js');
    expect(told).toEqual([]);
    page.tell('ready', {});
    await vi.waitFor(() =>
      expect(told.map(({ kind }) => kind)).toEqual(['training', 'progress', 'comparison', 'gains']),
    );
    expect(told[0]).toMatchObject({ facts: { out, name: 'there' }, points: [] });
    expect(remembered.at(-1)).toEqual([out]);
    page.tell('act', { action: 'resume' });
    await vi.waitFor(() => expect(act).toHaveBeenCalledWith(panels.panels[0].training, 'resume'));
    close();
    expect(panels.panels).toEqual([]);
  });

  it('has what each image gained, and an image at both ends with where its pixels are', async () => {
    const { panels, call } = setUp();
    const out = join(folder, 'gains');
    await writeTrainFolder(out, config, { run: '/r.ohem', classes: [], validation: 'val' });
    const gains = { step: 4, epoch: 2, images: [] };
    call.mockImplementation(async (method) => (method === 'trainingGains' ? gains : { id: 'a.jpg', path: '/d/a.jpg' }));
    const { panel, told, page } = fakePanel();
    await panels.deserializeWebviewPanel(panel, { out });
    page.tell('ready', {});
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ kind: 'gains', gains }));
    expect(await page.call('readGain', { id: 'a.jpg' })).toMatchObject({
      id: 'a.jpg',
      uri: expect.any(String) as string,
    });
    expect(call).toHaveBeenLastCalledWith('gainOnImage', { out, id: 'a.jpg' });
  });

  it('goes away where its folder is gone, or it does not know one', async () => {
    const { panels, log } = setUp();
    for (const state of [{ out: join(folder, 'gone') }, {}, null, 'x']) {
      const { panel, dispose } = fakePanel();
      await panels.deserializeWebviewPanel(panel, state);
      expect(dispose).toHaveBeenCalledOnce();
    }
    expect(log.warning).toHaveBeenCalledTimes(4);
    expect(panels.panels).toEqual([]);
  });

  it('tells what failed in it', async () => {
    const { panels, act, log } = setUp();
    const out = join(folder, 'fails');
    await writeTrainFolder(out, config, { run: '/r.ohem', classes: [], validation: '' });
    const { panel, told, page } = fakePanel();
    await panels.deserializeWebviewPanel(panel, { out });
    page.tell('ready', {});
    act.mockRejectedValueOnce(new Error('run-file: gone'));
    page.tell('act', { action: 'compare' });
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ kind: 'notice', text: 'run-file: gone' }));
    expect(log.error).toHaveBeenCalledWith('run-file: gone');
  });
});
