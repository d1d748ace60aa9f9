/** Watched processes that are silent, busy, or stopped by somebody else. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-watchdog-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `body` after `const dog = startWatchdog(limitS, 'first');`. */
async function watched(
  body: string,
  onStart: (pid: number) => void = () => undefined,
  limitS = 2,
): Promise<{ readonly end: string | number | null; readonly said: string }> {
  const file = path.join(folder, `${Math.random()}.mjs`);
  const contents =
    `import { startWatchdog } from './src/run/mine/watchdog.ts';\nconst sleep = (ms) => new Promise((resolve) ` +
    `=> setTimeout(resolve, ms));\nconst dog = startWatchdog(${limitS}, 'first');\n${body}`;
  await build({
    stdin: { contents, resolveDir: path.join(import.meta.dirname, '../../../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: file,
    logLevel: 'error',
  });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('close', (code, signal) => resolve({ end: signal ?? code, said }));
    onStart(child.pid ?? 0);
  });
}

describe.skipIf(process.platform === 'win32')('the watchdog', () => {
  it('ends a process whose thread is blocked, and says what was waited for last', async () => {
    const { end, said } = await watched(
      "dog.at('image b\\nof two'); dog.at(null); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    );
    expect(end).toBe('SIGKILL');
    expect(said).toMatch(
      /^engine: image b of two: expected an answer within 2 s, received none: the driver or the model hangs\. .*\n$/,
    );
  });

  it('ends one that only waits for another thread, as for a thread of the pool', async () => {
    const { end, said } = await watched('setInterval(() => undefined, 1000);');
    expect([end, said.slice(0, 15)]).toEqual(['SIGKILL', 'engine: first: ']);
  });

  it('leaves one that goes on, and one that has ended its work', async () => {
    const goesOn = watched(
      "for (let i = 0; i < 5; i++) { await sleep(800); dog.at(i % 2 ? null : 'next'); }\ndog.stop();\nawait " +
        'sleep(2500);',
    );
    const has = watched('await sleep(100);');
    expect(await goesOn).toEqual({ end: 0, said: '' });
    expect(await has).toEqual({ end: 0, said: '' });
  });

  it('lets a silence last for the whole limit, of a second, too', async () => {
    const goesOn = 'for (let i = 0; i < 12; i++) { await sleep(250); dog.at(null); }\ndog.stop();';
    expect(await watched(goesOn, undefined, 1)).toEqual({ end: 0, said: '' });
  });

  it('does not take a stopped process, or a machine that slept, for a silent one', async () => {
    const { end, said } = await watched(
      "await sleep(200); process.kill(process.pid, 'SIGSTOP'); await sleep(100); dog.at('after'); dog.stop();",
      (pid) => {
        setTimeout(() => process.kill(pid, 'SIGCONT'), 4500);
      },
    );
    expect([end, said]).toEqual([0, '']);
  });
});
