/** What the explorer's menus are told of runs that were read. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { Run } from '../../../../src/host/run/run.js';

const { executeCommand } = vi.hoisted(() => ({ executeCommand: vi.fn() }));
vi.mock('vscode', () => ({ commands: { executeCommand } }));
const { canResume, tellRunMenus } = await import('../../../../src/host/run/run-menus.js');
const { FakeEventEmitter } = await import('../fake-vscode.js');

const DATASET = { numImages: 66 };
function run(
  path: string,
  changes: { readonly numImages?: number; readonly running?: boolean; readonly family?: string | null },
) {
  const { numImages = 66, running = false, family = 'fast-rcnn' } = changes;
  const checkpoint = family === null ? null : { family };
  return {
    path,
    numImages,
    running,
    manifest: { dataset: DATASET, checkpoint, lossSource: 'proxy' },
  } as unknown as Run;
}
beforeEach(() => executeCommand.mockClear());

it('a run goes on where it was mined, has images to come, and nobody mines it', () => {
  expect(canResume(run('a', { numImages: 37 }))).toBe(true);
  expect(canResume(run('a', { numImages: 37, running: true }))).toBe(false);
  expect(canResume(run('a', { numImages: 37, family: null }))).toBe(false);
  expect(canResume(run('a', {}))).toBe(false);
});

it('menus are told when what a run can do changes, and only then', () => {
  const changed = new FakeEventEmitter<Run | undefined>();
  tellRunMenus({ onDidChange: changed.event });
  changed.fire(undefined);
  changed.fire(run('/a', { numImages: 37 }));
  expect(executeCommand).not.toHaveBeenCalled();
  changed.fire(run('/b', { family: 'yolox' }));
  changed.fire(run('/b', { family: 'yolox' }));
  changed.fire(run('/a', {}));
  changed.fire(run('/a', { numImages: 12 }));
  expect(executeCommand.mock.calls).toEqual([
    ['setContext', 'ohemLens.unresumableRuns', ['/b']],
    ['setContext', 'ohemLens.untrainableRuns', ['/b']],
    ['setContext', 'ohemLens.unresumableRuns', ['/b', '/a']],
    ['setContext', 'ohemLens.unresumableRuns', ['/b']],
  ]);
});
