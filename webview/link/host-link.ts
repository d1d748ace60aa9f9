/** The one door to the extension host. */
import type { ToHost, ToPanel } from '../../src/protocol/panel-messages.js';

interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

export interface HostLink {
  post(message: ToHost): void;
  /** Calls back for every message of the host; returns how to stop. */
  listen(receive: (message: ToPanel) => void): () => void;
  /** What `save` kept before the last reload or tab switch; undefined at first. */
  saved(): unknown;
  save(state: unknown): void;
}

/** Opens the link. VS Code allows this once in a page. */
export function openHostLink(): HostLink {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    listen(receive) {
      const handle = (event: MessageEvent) => {
        if (isMessage(event.data)) receive(event.data);
      };
      window.addEventListener('message', handle);
      return () => window.removeEventListener('message', handle);
    },
    saved: () => api.getState(),
    save: (state) => api.setState(state),
  };
}

/** The host is of the same version as the panel, so its word for the kind is enough; others post to windows too. */
function isMessage(data: unknown): data is ToPanel {
  return typeof data === 'object' && data !== null && 'kind' in data && typeof data.kind === 'string';
}
