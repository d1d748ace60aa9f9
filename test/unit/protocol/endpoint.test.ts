import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import { said } from '../../../src/core/said.js';
import { createEndpoint } from '../../../src/protocol/endpoint.js';
import type { Served, Transport } from '../../../src/protocol/endpoint.js';
import { RemoteError } from '../../../src/protocol/wire-error.js';

interface Engine {
  double(params: { readonly value: number }): number;
  sum(params: { readonly values: Float32Array }): { readonly total: number };
  untilStopped(params: object): string;
  fail(params: { readonly how: 'named' | 'fault' | 'text' | 'cannot be sent' }): unknown;
}
interface Host {
  progress(params: { readonly done: number }): void;
  name(params: object): string;
}

const GONE = new MiningError('engine', 'the process', 'to keep running', 'signal SIGKILL');
const fault = new TypeError('of ours');

const engine: Served<Engine> = {
  double: ({ value }) => 2 * value,
  sum: async ({ values }) => ({ total: values.reduce((sum, value) => sum + value, 0) }),
  untilStopped: (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve('what was done so far'))),
  fail({ how }) {
    if (how === 'named')
      throw new MiningError('mining', 'loss', 'a number', 'NaN', { file: 'a', todo: 'b', reason: 'not-finite' });
    if (how === 'fault') throw fault;
    if (how === 'text') throw 'a word';
    return () => undefined;
  },
};

const channels: MessageChannel[] = [];
afterEach(() => channels.splice(0).forEach(({ port1 }) => port1.close()));

/** The channels that the editor has: structured clone with transfer, and JSON. */
const CHANNELS = {
  'structured clone': (): [Transport, Transport] => {
    const channel = new MessageChannel();
    channels.push(channel);
    const over = ({ port1, port2 }: MessageChannel) => [port1, port2] as const;
    return over(channel).map((port) => ({
      post: (message: unknown) => port.postMessage(message),
      on: (receive: (message: unknown) => void) => void port.on('message', receive),
    })) as [Transport, Transport];
  },
  JSON: (): [Transport, Transport] => {
    const receivers: ((message: unknown) => void)[] = [];
    return [0, 1].map((side) => ({
      post: (message: unknown) => {
        const text = JSON.stringify(message);
        setImmediate(() => receivers[1 - side](JSON.parse(text)));
      },
      on: (receive: (message: unknown) => void) => void (receivers[side] = receive),
    })) as [Transport, Transport];
  },
};

describe.each(Object.entries(CHANNELS))('an endpoint over %s', (channel, open) => {
  function start(served: Served<Engine> = engine) {
    const [here, there] = open();
    const told: number[] = [];
    const faults: unknown[] = [];
    const hostApi: Served<Host> = {
      progress: ({ done }) => {
        if (done < 0) throw fault;
        told.push(done);
      },
      name: () => 'host',
    };
    const host = createEndpoint<Host, Engine>(hostApi, here, (error) => faults.push(error));
    const process = createEndpoint<Engine, Host>(served, there, (error) => faults.push(error));
    return { host, process, here, there, told, faults };
  }

  it('calls in both directions', async () => {
    const { host, process } = start();
    expect(await Promise.all([host.call('double', { value: 2 }), host.call('double', { value: 3 })])).toEqual([4, 6]);
    expect(await process.call('name', {})).toBe('host');
  });

  it('tells in order, and a fault of who is told is heard of', async () => {
    const { host, process, told, faults } = start();
    for (const done of [1, -1, 2]) process.tell('progress', { done });
    await process.call('name', {});
    await host.call('double', { value: 1 });
    expect(told).toEqual([1, 2]);
    expect(faults).toEqual([fault]);
  });

  it('rebuilds an error with all its fields', async () => {
    const { host } = start();
    const error = await host.call('fail', { how: 'named' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MiningError);
    expect(error).toMatchObject({
      code: 'mining',
      where: 'loss',
      expected: 'a number',
      received: 'NaN',
      hint: { file: 'a', todo: 'b', reason: 'not-finite' },
      message: 'mining: loss: expected a number, received NaN (a). b',
    });
  });

  it('sends the message and the stack of any other fault', async () => {
    const { host } = start();
    const error = await host.call('fail', { how: 'fault' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code: 'internal', message: 'of ours', stack: fault.stack });
    await expect(host.call('fail', { how: 'text' })).rejects.toMatchObject({ code: 'internal', message: 'a word' });
  });

  it('names the methods where one is unknown, and calls nothing that an object has by itself', async () => {
    const { host } = start();
    for (const method of ['dubble', 'toString', 'constructor', '__proto__']) {
      // @ts-expect-error a misspelt method does not compile.
      const error = await host.call(method, {}).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MiningError);
      expect(error).toMatchObject({
        code: 'options',
        where: 'method',
        expected: said`one of ${'double, sum, untilStopped, fail'}`,
        received: JSON.stringify(method),
      });
    }
  });

  it('asks the other side to end; it settles the call', async () => {
    const { host } = start();
    const stop = new AbortController();
    const other = host.call('double', { value: 5 }, stop.signal);
    const call = host.call('untilStopped', {}, stop.signal);
    setTimeout(() => stop.abort(), 5);
    expect(await call).toBe('what was done so far');
    expect(await other).toBe(10);
  });

  it('sends nothing for a signal that is aborted already', async () => {
    let numCalls = 0;
    const { host } = start({ ...engine, double: () => ++numCalls });
    await expect(host.call('double', { value: 1 }, AbortSignal.abort(GONE))).rejects.toBe(GONE);
    expect(await host.call('double', { value: 1 })).toBe(1);
  });

  it('rejects what waits when the other side dies, and what comes after', async () => {
    const { host } = start();
    const waiting = [host.call('untilStopped', {}), host.call('untilStopped', {})];
    host.close(GONE);
    host.close(new Error('the first counts'));
    for (const call of waiting) await expect(call).rejects.toBe(GONE);
    await expect(host.call('double', { value: 1 })).rejects.toBe(GONE);
    expect(() => host.tell('double', { value: 1 })).not.toThrow();
  });

  it('aborts what it answers when it is closed', async () => {
    let ended: unknown;
    const { host, process } = start({
      ...engine,
      untilStopped: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject((ended = signal.reason) as Error)),
        ),
    });
    host.call('untilStopped', {}).catch(() => undefined);
    await host.call('double', { value: 1 });
    process.close(GONE);
    expect(ended).toBe(GONE);
  });

  it('passes over messages that are not its own', async () => {
    const { host, here, there } = start();
    for (const message of [null, 'text', 7, {}, { t: 'q' }, { t: 's', r: 1 }, { t: 's', i: 'unknown', r: 1 }]) {
      here.post(message);
      there.post(message);
    }
    expect(await host.call('double', { value: 4 })).toBe(8);
  });

  it.runIf(channel === 'structured clone')('carries typed arrays', async () => {
    expect(await start().host.call('sum', { values: Float32Array.of(1, 2, 3) })).toEqual({ total: 6 });
  });

  it.runIf(channel === 'structured clone')('says so where something cannot be sent', async () => {
    const { host, process, faults } = start();
    await expect(host.call('fail', { how: 'cannot be sent' })).rejects.toThrow(/could not be cloned/);
    await expect(host.call('untilStopped', { call: () => undefined })).rejects.toThrow(/could not be cloned/);
    process.tell('progress', { done: (() => 1) as unknown as number });
    await process.call('name', {});
    expect(faults).toHaveLength(1);
  });
});
