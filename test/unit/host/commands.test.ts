import { describe, expect, it, vi } from 'vitest';
import { FakeUri, fakeUri } from './fake-vscode.js';

vi.mock('vscode', () => {
  class Uri {
    static readonly file = fakeUri;
    static [Symbol.hasInstance](value: unknown): boolean {
      return typeof value === 'object' && value !== null && 'fsPath' in value;
    }
  }
  return {
    Uri,
    l10n: { t: (text: string) => text },
    workspace: {},
    ViewColumn: {},
    TreeItem: class {},
    ThemeIcon: class {},
  };
});
vi.mock('../../../src/host/run/run.js', () => ({ canonicalPath: (path: string) => path }));
vi.mock('../../../src/host/base/local-path.js', () => ({ localPath: ({ fsPath }: { fsPath: string }) => fsPath }));
const { panelOf } = await import('../../../src/host/commands.js');

type Target = Parameters<typeof panelOf>[1];
const active = { run: { path: '/runs/a.ohem' } };
const targeted = (target: unknown, ...[panel]: unknown[]) =>
  panelOf({ active: panel } as Parameters<typeof panelOf>[0], target as Target);

describe('what is taken out of a run', () => {
  it.each([
    ['nothing else is meant', undefined],
    ['its own file is', '/runs/a.ohem'],
    ['its title was pressed', FakeUri.file('/runs/a.ohem')],
    ['a place in it is', { imageIndex: 0, annotation: -1 }],
  ])('is what the panel in front shows where %s', (_, target) => {
    expect(targeted(target, active)).toBe(active);
  });

  it.each([
    ['another file is meant', '/runs/b.ohem'],
    ['another was clicked in the explorer', FakeUri.file('/runs/b.ohem')],
    ['the run is meant as the view lists it', { kind: 'run', path: '/runs/a.ohem' }],
  ])('is all of the run where %s', (_, target) => {
    expect(targeted(target, active)).toBeUndefined();
  });

  it('is all of a run that is picked where no panel is open', () => {
    expect(targeted(undefined)).toBeUndefined();
    expect(targeted('/runs/a.ohem')).toBeUndefined();
  });
});
