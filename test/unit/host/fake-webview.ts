/** A stand-in for a webview panel with its page, which speaks the same protocol over the same endpoint. */
import { createEndpoint, type Api, type Endpoint, type Served } from '../../../src/protocol/endpoint.js';
import { FakeEventEmitter } from './fake-vscode.js';

/** What the host told the page: the method as `kind`, with its parameters. */
export type Told<View> = {
  [M in keyof View]: { kind: M } & (View[M] extends (params: infer P) => unknown ? P : never);
};

export function fakeWebview<View extends Api<View>, Host extends Api<Host>>(methods: readonly (keyof View & string)[]) {
  const heard = new FakeEventEmitter<unknown>();
  const viewState = new FakeEventEmitter<void>();
  const closed = new FakeEventEmitter<void>();
  const told: Told<View>[keyof View][] = [];
  const posted: unknown[] = [];
  let receive: (message: unknown) => void = () => undefined;
  const webview = {
    options: {},
    html: '',
    cspSource: 'csp:',
    asWebviewUri: (uri: { path: string }) => ({ toString: () => `webview:${uri.path}` }),
    onDidReceiveMessage: heard.event,
    postMessage: (message: unknown) => {
      posted.push(message);
      receive(message);
    },
  };
  const panel = {
    title: '',
    visible: true,
    active: true,
    webview,
    onDidChangeViewState: viewState.event,
    onDidDispose: closed.event,
    dispose: () => closed.fire(),
  };
  const record = methods.map((kind) => [kind, (params: object) => void told.push({ kind, ...params } as never)]);
  const transport = {
    post: (message: unknown) => heard.fire(message),
    on: (next: (message: unknown) => void) => void (receive = next),
  };
  const load = (): Endpoint<Host> =>
    createEndpoint<View, Host>(Object.fromEntries(record) as Served<View>, transport, () => undefined);
  const setVisible = (visible: boolean) => {
    panel.visible = visible;
    viewState.fire();
  };
  /** `load` gives the page of each time that the panel comes into sight. */
  return { panel, webview, heard, viewState, closed, told, posted, load, setVisible };
}
