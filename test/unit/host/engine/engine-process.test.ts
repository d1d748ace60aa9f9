import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { EngineDied, EngineProcess, EngineStopped } from '../../../../src/host/engine/engine-process.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-engine-process-'));
const workerPath = join(folder, 'worker.mjs');
// A stand-in that answers, reports, fails or dies by what it is asked, in the endpoint's own messages.
writeFileSync(
  workerPath,
  `process.on('message', ({ t, i, m, a: [params] }) => {
    const path = params.path;
    const lastWord = (text, end) => process.stderr.write(text + '\\n', end);
    const death = { where: 'image a.jpg', expected: 'an answer', received: 'none', todo: 'Wait' };
    if (m === '$cancel') process.send({ t: 's', i: globalThis.waiting, r: { path: 'stopped', options: 0 } });
    else if (path === 'crash') lastWord('first\\nout of memory in kernel', () => process.exit(7));
    else if (path === 'told') lastWord(JSON.stringify({ death }), () => process.kill(process.pid, 'SIGKILL'));
    else if (path === 'abort') process.kill(process.pid, 'SIGABRT');
    else if (path === 'hang') globalThis.waiting = i;
    else if (path === 'fail') {
      const e = { code: 'image', where: 'a.jpg', expected: 'a picture', received: 'text', hint: { file: '/a.jpg' } };
      process.send({ t: 's', i, e });
    } else {
      const event = { event: 'log', level: 'info', text: m + ' ' + JSON.stringify(params) };
      process.send({ t: 'q', m: 'event', a: [event] });
      process.send({ t: 's', i, r: { path, options: process.execArgv.length } });
    }
  });
  process.on('disconnect', () => process.exit(0));`,
);

const open: EngineProcess[] = [];
function start(
  onEvent: (event: WorkerEvent) => void = () => undefined,
  path = workerPath,
  execPath = process.execPath,
) {
  const runtime = { execPath, env: process.env, origin: 'test', isElectron: false };
  const onFault = (error: unknown) => void faults.push(error);
  const engine = new EngineProcess({ runtime, workerPath: path, onEvent, onStderr: () => undefined, onFault });
  open.push(engine);
  return engine;
}
const faults: unknown[] = [];
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

  it('a refused call has the process’s own error, and the process lives on', async () => {
    const engine = start();
    const error = await ask(engine, 'fail').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MiningError);
    expect(error).toMatchObject({
      code: 'image',
      message: 'image: a.jpg: expected a picture, received text (/a.jpg)',
    });
    await expect(ask(engine, 'a')).resolves.toMatchObject({ path: 'a' });
  });

  it('its death is told with exit code and last words, to every open call', async () => {
    const engine = start();
    const open = [ask(engine, 'hang'), ask(engine, 'crash')].map((call) => call.catch((error: unknown) => error));
    for (const error of await Promise.all(open)) {
      expect(error).toBeInstanceOf(EngineDied);
      expect(error).toMatchObject({ code: 'engine' });
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
    await expect(ask(start(), 'told')).rejects.toThrow(
      /^engine: image a\.jpg: expected an answer, received none\. Wait$/,
    );
  });

  it('killing it is a cancellation, not a failure', async () => {
    const engine = start();
    const call = ask(engine, 'hang').catch((error: unknown) => error);
    engine.kill();
    expect(await call).toBeInstanceOf(EngineStopped);
    await expect(ask(engine, 'a')).rejects.toBeInstanceOf(EngineStopped);
  });

  it('a call can be asked to end, and then has the process’s answer', async () => {
    const stop = new AbortController();
    const engine = start();
    const call = engine.call('toPng', { path: 'hang', outPath: 'x' }, stop.signal);
    await ask(engine, 'a');
    stop.abort();
    expect(await call).toEqual({ path: 'stopped', options: 0 });
  });

  it('a listener that throws is told of, and the answer comes', async () => {
    const fault = new Error('of a listener');
    const engine = start(() => {
      throw fault;
    });
    await expect(ask(engine, 'a')).resolves.toMatchObject({ path: 'a' });
    expect(faults).toEqual([fault]);
  });

  it('a worker file that is not there', async () => {
    await expect(ask(start(undefined, join(folder, 'none.mjs')), 'a')).rejects.toThrow(
      /exit code 1: .*(Cannot find module|MODULE_NOT_FOUND)/s,
    );
  });

  it('a runtime that is not there', async () => {
    const engine = start(undefined, workerPath, join(folder, 'no-node'));
    await expect(ask(engine, 'a')).rejects.toThrow(/ENOENT/);
  });
});
