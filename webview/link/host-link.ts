/** The one door of a page to the extension host: a conversation, and what survives a reload. */
import { createEndpoint, type Api, type Endpoint, type Served } from '../../src/protocol/endpoint.js';

interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

export interface HostLink {
  /**
   * Begins the conversation.
   * @param served what the host may tell this page.
   * @param onFault gets what went wrong where nobody waits for an answer.
   */
  connect<Page extends Api<Page>, Host extends Api<Host>>(
    served: Served<Page>,
    onFault: (error: unknown) => void,
  ): Endpoint<Host>;
  /** What `save` kept before the last reload or tab switch; undefined at first. */
  saved(): unknown;
  save(state: unknown): void;
}

/** Opens the link. VS Code allows this once in a page. */
export function openHostLink(): HostLink {
  const api = acquireVsCodeApi();
  const transport = {
    post: (message: unknown) => api.postMessage(message),
    on: (receive: (message: unknown) => void) =>
      window.addEventListener('message', (event: MessageEvent) => receive(event.data)),
  };
  return {
    connect: (served, onFault) => createEndpoint(served, transport, onFault),
    saved: () => api.getState(),
    save: (state) => api.setState(state),
  };
}
