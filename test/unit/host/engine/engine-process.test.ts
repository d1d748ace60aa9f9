import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { EngineDied, EngineProcess } from '../../../../src/host/engine/engine-process.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-engine-process-'));
const workerPath = join(folder, 'worker.mjs');
// A stand-in that answers, reports, fails or dies by what it is asked.
writeFileSync(
  workerPath,
  `const say = (text, then) => process.stderr.write(text, then);
  process.on('message', ({ call, id, params }) => {
    const path = params.path;
    if (path === 'crash') { say('first\\nout of memory in kernel\\n', () => process.exit(7)); return; }
    if (path === 'told') {
      say('some error\\nengine: image a.jpg: expected an answer\\n', () => process.kill(process.pid, 'SIGKILL'));
      return;
    }
    if (path === 'abort') { process.kill(process.pid, 'SIGABRT'); return; }
    if (path === 'hang') return;
    if (path === 'fail') {
      process.send({ error: id, code: 'image', message: 'image: expected a picture, received text' });
      return;
    }
    process.send({ event: 'log', level: 'info', text: call + ' ' + JSON.stringify(params) });
    process.send({ ok: id, result: { path, options: process.execArgv.length } });
  });
  process.on('disconnect', () => process.exit(0));`,
);

const open: EngineProcess[] = [];
function start(onEvent?: (event: WorkerEvent) => void, path = workerPath): EngineProcess {
  const runtime = { execPath: process.execPath, env: process.env, origin: 'test', isElectron: false };
  const engine = new EngineProcess({ runtime, workerPath: path, ...(onEvent ? { onEvent } : {}) });
  open.push(engine);
  return engine;
}
const ask = (engine: EngineProcess, path: string) => engine.call('toPng', { path, outPath: '' });

afterEach(() => open.splice(0).forEach((engine) => engine.kill()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('engine process', () => {
  it('answers calls by their number, in any order, after their events', async () => {
    const events: WorkerEvent[] = [];
    const engine = start((event) => events.push(event));
    const answers = await Promise.all([ask(engine, 'a'), ask(engine, 'b')]);
    expect(answers).toEqual([
      { path: 'a', options: 0 },
      { path: 'b', options: 0 },
    ]);
    expect(events.map((event) => event.event)).toEqual(['log', 'log']);
    expect(engine.alive).toBe(true);
  });

  it('a refused call has the process’s own line, and the process lives on', async () => {
    const engine = start();
    await expect(ask(engine, 'fail')).rejects.toThrow('image: expected a picture, received text');
    await expect(ask(engine, 'a')).resolves.toMatchObject({ path: 'a' });
  });

  it('its death is told with exit code and last words, to every open call', async () => {
    const engine = start();
    const open = [ask(engine, 'hang'), ask(engine, 'crash')].map((call) => call.catch((error: unknown) => error));
    for (const error of await Promise.all(open)) {
      expect(error).toBeInstanceOf(EngineDied);
      expect((error as EngineDied).cancelled).toBe(false);
      expect((error as Error).message).toBe(
        'engine: the engine process: expected to keep running, received exit code 7: out of memory in ' +
          'kernel. What it did before is kept: go on from there, and choose another backend where it ends at ' +
          'the same place again',
      );
    }
    expect(engine.alive).toBe(false);
    await expect(ask(engine, 'a')).rejects.toBeInstanceOf(EngineDied);
  });

  it('a signal is named', async () => {
    await expect(ask(start(), 'abort')).rejects.toThrow('received signal SIGABRT');
  });

  it('its own line about why it ended itself stands alone', async () => {
    await expect(ask(start(), 'told')).rejects.toThrow(/^engine: image a\.jpg: expected an answer$/);
  });

  it('killing it is a cancellation, not a failure', async () => {
    const engine = start();
    const call = ask(engine, 'hang').catch((error: unknown) => error);
    engine.kill();
    expect(await call).toMatchObject({ name: 'EngineDied', cancelled: true });
    await expect(ask(engine, 'a')).rejects.toMatchObject({ cancelled: true });
  });

  it('a worker file that is not there', async () => {
    await expect(ask(start(undefined, join(folder, 'none.mjs')), 'a')).rejects.toThrow(
      /exit code 1: .*(Cannot find module|MODULE_NOT_FOUND)/s,
    );
  });

  it('a runtime that is not there', async () => {
    const runtime = { execPath: join(folder, 'no-node'), env: {}, origin: 'test', isElectron: false };
    const engine = new EngineProcess({ runtime, workerPath });
    open.push(engine);
    await expect(ask(engine, 'a')).rejects.toThrow(/ENOENT/);
  });
});
