/** Whose the folder of a training is. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { writerOf } from '../../../../src/protocol/training-folder.js';
import { withTrainLock } from '../../../../src/run/train/train-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-train-lock-'));
let out = '';
let number = 0;
beforeEach(() => (out = join(folder, String(number++))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder as a process left it. */
function leave(pid: number, touched = new Date()) {
  mkdirSync(join(out, 'running.lock'), { recursive: true });
  utimesSync(join(out, 'running.lock'), touched, touched);
  writeFileSync(join(out, 'running.json'), JSON.stringify({ pid }));
}

it('is this process’s while it works, and nobody’s afterwards, whatever came of the work', async () => {
  expect(await writerOf(out)).toBeNull();
  expect(await withTrainLock(out, () => writerOf(out))).toBe(process.pid);
  expect(await writerOf(out)).toBeNull();
  await expect(withTrainLock(out, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(join(out, 'running.json')) || existsSync(join(out, 'running.lock'))).toBe(false);
});

it('is refused to a second one, also at the same moment', async () => {
  const busy = 'options: out: expected a folder in which nothing is being trained, received one with process';
  await withTrainLock(out, () => expect(withTrainLock(out, async () => 1)).rejects.toThrow(busy));
  const ended = await Promise.allSettled([1, 2, 3].map((one) => withTrainLock(out, async () => one)));
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('of a process that was killed is free at once', async () => {
  leave(spawnSync(process.execPath, ['-e', '']).pid);
  expect(await writerOf(out)).toBeNull();
  expect(await withTrainLock(out, async () => 1)).toBe(1);
});

it('of before the machine was started again is nobody’s, though a process has the number now', async () => {
  leave(process.ppid, new Date('2001-01-01'));
  expect(await writerOf(out)).toBeNull();
  expect(await withTrainLock(out, async () => 1)).toBe(1);
});

it('of a process that was killed before it wrote its name is free after a moment', async () => {
  mkdirSync(join(out, 'running.lock'), { recursive: true });
  expect(await withTrainLock(out, async () => 1)).toBe(1);
  expect(existsSync(join(out, 'running.lock'))).toBe(false);
});

it('of a process that lives stays its own', async () => {
  leave(process.ppid);
  expect(await writerOf(out)).toBe(process.ppid);
  await expect(withTrainLock(out, async () => 1)).rejects.toThrow(`one with process ${process.ppid}`);
});
