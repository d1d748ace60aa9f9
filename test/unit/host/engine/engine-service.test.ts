import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../../../src/host/base/log.js';
import type { NodeRuntime } from '../../../../src/host/engine/node-runtime.js';

const shown = vi.hoisted(() => ({
  texts: [] as string[],
  commands: [] as unknown[][],
  answer: undefined as string | undefined,
}));
vi.mock('vscode', () => ({
  l10n: { t: (text: string) => text },
  commands: { executeCommand: async (...command: unknown[]) => void shown.commands.push(command) },
  workspace: { getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }) },
  window: {
    showInformationMessage: (text: string) => {
      shown.texts.push(text);
      return Promise.resolve(shown.answer);
    },
  },
}));
const { EngineService } = await import('../../../../src/host/engine/engine-service.js');
const { offerNode } = await import('../../../../src/host/engine/offer-node.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-engine-service-'));
writeFileSync(join(folder, 'cli.mjs'), "process.stdout.write(process.env.OHEM_DATA ?? 'none');");
const log = { info: () => undefined, warning: () => undefined, error: () => undefined } as unknown as Log;
const given = process.env['OHEM_DATA'];

afterEach(() => {
  if (given === undefined) delete process.env['OHEM_DATA'];
  else process.env['OHEM_DATA'] = given;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('engine processes', () => {
  it('find backends in the storage of the extension, unless the editor has another; the runtime is told', async () => {
    const told: NodeRuntime[] = [];
    const service = new EngineService(folder, '/storage', log, (runtime) => told.push(runtime));
    const dataOf = async () => (await service.cli([], new AbortController().signal)).text;
    delete process.env['OHEM_DATA'];
    expect(await dataOf()).toBe('/storage');
    process.env['OHEM_DATA'] = '/mine';
    expect(await dataOf()).toBe('/mine');
    expect(told.map(({ execPath, isElectron }) => [execPath, isElectron])).toEqual([
      [process.execPath, false],
      [process.execPath, false],
    ]);
    expect(service.runtime).toBe(told[1]);
  });
});

describe('the offer of a Node.js', () => {
  const memory = () => {
    const kept = new Map<string, unknown>();
    return {
      get: (key: string, otherwise: unknown) => kept.get(key) ?? otherwise,
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      keys: () => [...kept.keys()],
    };
  };
  const runtime = (isElectron: boolean): NodeRuntime => ({ execPath: 'node', env: {}, origin: 'test', isElectron });

  it('comes once, only where Electron has to do, and nothing is fetched without a yes', async () => {
    const offer = offerNode(memory() as never);
    offer(runtime(false));
    expect(shown.texts).toEqual([]);
    offer(runtime(true));
    offer(runtime(true));
    await Promise.resolve();
    expect(shown.texts).toHaveLength(1);
    expect(shown.commands).toEqual([]);
  });

  it('leads to the set-up where it is taken', async () => {
    shown.answer = 'Download Node.js…';
    offerNode(memory() as never)(runtime(true));
    await vi.waitFor(() => expect(shown.commands).toEqual([['ohemLens.setUpBackend', { choice: 'node' }]]));
  });
});
