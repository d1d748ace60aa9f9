/**
 * One end of a conversation between two sides that post messages to each other: host and webview, host and engine
 * process, process and worker thread. Needs neither Node nor DOM.
 */
import { createBirpc } from 'birpc';
import { MiningError, show } from '../core/mining-error.js';
import { said } from '../core/said.js';
import { fromWire, toWire } from './wire-error.js';
import type { WireError } from './wire-error.js';

/** How messages go over: IPC of a child process, a MessagePort, a webview's `postMessage`. */
export interface Transport {
  /** Throws where the message cannot be sent. Lists what is transferred, where the channel can do that. */
  post(message: unknown): void;
  /** Names the one receiver of messages; those that are no endpoint's are passed over. */
  on(receive: (message: unknown) => void): void;
}

/** What one side can be asked: methods that take one object, `{}` where there is nothing to say. */
export type Api<A> = { readonly [M in keyof A]: (params: never) => unknown };
export type Params<A, M extends keyof A> = A[M] extends (params: infer P) => unknown ? P : never;
export type Result<A, M extends keyof A> = A[M] extends (params: never) => infer R ? Awaited<R> : never;

/** The functions that answer an `Api`. The signal is aborted when the caller gives up or the conversation ends. */
export type Served<A> = {
  readonly [M in keyof A]: (params: Params<A, M>, signal: AbortSignal) => Result<A, M> | Promise<Result<A, M>>;
};

export interface Endpoint<Remote> {
  /**
   * Calls a method of the other side.
   * @param signal asks the other side to end. The call then settles as that side settles it: what was done so far, or
   * the reason why not. A signal that is aborted already rejects with its reason, and nothing is sent.
   * @throws MiningError as the other side threw it; RemoteError for its other faults; what `close` was told when the
   * conversation has ended, before the call or during it.
   */
  call<M extends keyof Remote & string>(
    method: M,
    params: Params<Remote, M>,
    signal?: AbortSignal,
  ): Promise<Result<Remote, M>>;
  /** Calls a method whose answer nobody waits for; nothing happens once the conversation has ended. */
  tell<M extends keyof Remote & string>(method: M, params: Params<Remote, M>): void;
  /** Ends the conversation: waiting calls reject with `reason`, calls being answered are aborted. The first counts. */
  close(reason: Error): void;
}

type Functions = Record<string, (...args: unknown[]) => unknown>;

/** Method that an endpoint has of its own: the number of a call that is given up. */
const CANCEL = '$cancel';

/**
 * @param served what the other side may call.
 * @param onFault gets what a function threw that was only told, and what could not be sent: nobody else hears of it.
 */
export function createEndpoint<Local extends Api<Local>, Remote extends Api<Remote>>(
  served: Served<Local>,
  transport: Transport,
  onFault: (error: unknown) => void,
): Endpoint<Remote> {
  let closed: Error | null = null;
  let numCalls = 0;
  const running = new Map<unknown, AbortController>();
  const functions = served as Functions;

  const answer = async (method: string, params: unknown, call: unknown): Promise<unknown> => {
    const asked = Object.hasOwn(functions, method) ? functions[method] : undefined;
    if (asked === undefined)
      throw new MiningError('options', 'method', said`one of ${Object.keys(functions).join(', ')}`, show(method));
    const stop = new AbortController();
    running.set(call, stop);
    try {
      return await asked(params, stop.signal);
    } finally {
      running.delete(call);
    }
  };
  const resolver = (method: string) => (params: unknown, call: unknown) => {
    if (method === CANCEL) return running.get(params)?.abort();
    if (call !== undefined) return answer(method, params, call);
    return answer(method, params, Symbol(method)).catch(onFault);
  };

  const rpc = createBirpc<Functions, Functions, false>(functions, {
    post: (message) => (closed === null ? transport.post(message) : undefined),
    on: (receive) => transport.on((message) => (closed === null && isMessage(message) ? receive(message) : undefined)),
    serialize: (message) => ('e' in message ? { ...message, e: toWire(message.e) } : message),
    deserialize: (message) => ('e' in message ? { ...message, e: fromWire(message.e as WireError) } : message),
    resolver,
    proxify: false,
    timeout: -1,
    // An answer that cannot be sent becomes an error that can; anything else is thrown to the caller.
    onGeneralError: (_error, method) => method !== undefined,
  });

  return {
    async call(method, params, signal) {
      if (closed !== null) throw closed;
      signal?.throwIfAborted();
      const call = ++numCalls;
      const cancel = () => void rpc.$callEvent(CANCEL, call).catch(onFault);
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        // The other side is built against the same interface.
        return (await rpc.$call(method, params, call)) as Result<Remote, typeof method>;
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
    tell(method, params) {
      if (closed === null) void rpc.$callEvent(method, params).catch(onFault);
    },
    close(reason) {
      if (closed !== null) return;
      closed = reason;
      rpc.$close(reason);
      for (const stop of running.values()) stop.abort(reason);
    },
  };
}

/** Is it birpc's? Other things may be posted to the same window or port. */
function isMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { t, m, a, i } = message as Readonly<Record<string, unknown>>;
  return t === 'q' ? typeof m === 'string' && Array.isArray(a) : t === 's' && typeof i === 'string';
}
