/** The wizard's panel: what it sends, what a person's presses come to. */
import { expect, it, vi } from 'vitest';
import type { WebviewPanel } from 'vscode';
import type { Wizard, WizardServices } from '../../../../src/host/wizard/wizard-panel.js';
import type { InspectionState, WizardHost, WizardView } from '../../../../src/protocol/inspect-messages.js';
import { fakeWebview } from '../fake-webview.js';

const confirmed = vi.hoisted(() => ({ answer: undefined as string | undefined, asked: [] as string[] }));
vi.mock('vscode', async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  return {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    env: { language: 'en' },
    l10n: { t: (text: string, ...given: string[]) => text.replace(/\{(\d)\}/g, (_, i: string) => given[Number(i)]) },
    ViewColumn: {},
    window: {
      showWarningMessage: async (_: string, { detail }: { detail: string }) => {
        confirmed.asked.push(detail);
        return confirmed.answer;
      },
    },
  };
});
const vscode = await import('vscode');
const { WizardPanel } = await import('../../../../src/host/wizard/wizard-panel.js');

const none = { x1: [], y1: [], x2: [], y2: [], label: [] };
const state: InspectionState = {
  images: [{ path: '/d/a.jpg', width: 10, height: 10, gts: none }],
  readings: [{ name: 'as it is', fit: 0.5, boxes: [{ ...none, score: [] }] }],
  chosen: 0,
  facts: [],
  evidence: { text: '', values: [] },
  isWeak: false,
  repairs: [],
};

function open(call: (method: string, params: { readonly replace?: boolean }) => unknown) {
  const { panel, told, load } = fakeWebview<WizardView, WizardHost>(['wizard', 'notice']);
  const log = { info: vi.fn(), warning: vi.fn(), error: vi.fn() };
  const folders = { onDidAllow: () => ({ dispose: () => undefined }), offer: vi.fn() };
  const images = { roots: ['/d'], folders, of: async (path: string) => ({ path, note: '' }) };
  const services = { log, images, assets: vscode.Uri.file('/assets') } as unknown as WizardServices;
  const kill = vi.fn();
  const engine = { call: async (...asked: Parameters<typeof call>) => call(...asked), kill };
  const wizard = { engine, state, title: 'm.onnx', minesNext: false } as unknown as Wizard;
  const opened = new WizardPanel(wizard, services, panel as unknown as WebviewPanel);
  const page = load();
  page.tell('ready', {});
  return { opened, panel, told, page, kill };
}

it('shows how the inspection stands, after each press anew', async () => {
  const { opened, panel, told, page, kill } = open((method) => ({ ...state, evidence: { text: method, values: [] } }));
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]).toMatchObject({ kind: 'wizard', wizard: { title: 'm.onnx', uris: ['webview:/d/a.jpg'] } });
  expect(panel.title).toBe('Describe m.onnx');
  await page.call('repair', { id: 'scale', choice: 1 });
  expect(told.at(-1)).toMatchObject({ wizard: { inspection: { evidence: { text: 'repairReading' } } } });
  await page.call('take', { reading: 0 });
  expect(opened.state.evidence.text).toBe('takeReading');
  await expect(page.call('take', { reading: -1 })).rejects.toThrow(/reading: expected >=0/);
  panel.dispose();
  expect(await opened.saved).toBeUndefined();
  expect(kill).toHaveBeenCalledOnce();
});

it('replaces what a person wrote only where they say so', async () => {
  const save = vi.fn((_: string, { replace }: { readonly replace?: boolean }) => ({
    path: '/d/m.ohem.json',
    contradicted: replace === true ? [] : ['preprocess.std'],
  }));
  const { opened, page } = open(save);
  await page.call('save', {});
  expect(confirmed.asked).toEqual(['/d/m.ohem.json: preprocess.std']);
  expect(save.mock.calls.map(([, params]) => params)).toEqual([{ replace: false }]);
  confirmed.answer = 'Replace';
  page.tell('save', {});
  expect(await opened.saved).toBe('/d/m.ohem.json');
  expect(save).toHaveBeenLastCalledWith('saveReading', { replace: true });
});
