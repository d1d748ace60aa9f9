import type { Api, Endpoint } from '../../../src/protocol/endpoint.js';

/** A host that writes down what it is told and asked, and answers when a test does. */
export function fakeHost<Host extends Api<Host>>() {
  /** The method as `kind`, with its parameters. */
  const said: ({ readonly kind: string } & Readonly<Record<string, unknown>>)[] = [];
  const asked: {
    readonly method: string;
    readonly params: object;
    resolve(answer: unknown): void;
    reject(error: Error): void;
  }[] = [];
  const host = {
    tell: (kind: string, params: object) => void said.push({ kind, ...params }),
    call: (method: string, params: object) =>
      new Promise((resolve, reject) => asked.push({ method, params, resolve, reject })),
    close: () => undefined,
  };
  return { host: host as unknown as Endpoint<Host>, said, asked };
}
