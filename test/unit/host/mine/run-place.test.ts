/** A name for a run leaves nothing behind where nothing comes of it. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ExtensionContext } from 'vscode';
import { fakeUri } from '../fake-vscode.js';

const workspace = vi.hoisted(() => `${process.env['TMPDIR'] ?? '/tmp'}/ohem-place-${process.pid}`);
vi.mock('vscode', () => ({
  Uri: { file: fakeUri },
  workspace: {
    workspaceFolders: [{ uri: { scheme: 'file', fsPath: workspace } }],
    getConfiguration: () => ({ get: (_: string, none: unknown) => none }),
  },
  l10n: { t: (text: string) => text },
  EventEmitter: class {},
}));
const { dropEmptyRunFolder, newRunPath, placeRun } = await import('../../../../src/host/mine/run-place.js');

const context = {} as ExtensionContext;
const runs = join(workspace, 'ohem-runs');
beforeEach(() => mkdirSync(workspace, { recursive: true }));
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

it('names a file without making its folder', () => {
  expect(newRunPath(context, 'a.ohem')).toBe(join(runs, 'a.ohem'));
  expect(existsSync(runs)).toBe(false);
});

it('makes the folder of a run that begins, and takes it back where it holds nothing', async () => {
  expect(await placeRun(context, undefined, 'a.ohem')).toBe(join(runs, 'a.ohem'));
  expect(existsSync(runs)).toBe(true);
  writeFileSync(join(runs, 'a.ohem'), 'a run');
  expect(newRunPath(context, 'a.ohem')).toBe(join(runs, 'a-2.ohem'));
  await dropEmptyRunFolder();
  expect(existsSync(runs)).toBe(true);
  rmSync(join(runs, 'a.ohem'));
  await dropEmptyRunFolder();
  expect(existsSync(runs)).toBe(false);
});
