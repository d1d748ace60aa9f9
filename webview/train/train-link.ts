/** The training panel's door to the extension host. */
import type { FromTraining, ToTraining } from '../../src/protocol/train-messages.js';

interface WebviewApi {
  postMessage(message: FromTraining): void;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

export interface TrainLink {
  post(message: FromTraining): void;
  listen(receive: (message: ToTraining) => void): void;
  /** What brings the panel back after a reload: the folder of its training. */
  remember(out: string): void;
}

/** Opens the link. VS Code allows this once in a page. */
export function openTrainLink(): TrainLink {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    listen: (receive) =>
      window.addEventListener('message', (event: MessageEvent) => {
        if (isMessage(event.data)) receive(event.data);
      }),
    remember: (out) => api.setState({ out }),
  };
}

/** The host is of the same version as the panel, so its word for the kind is enough; others post to windows too. */
function isMessage(data: unknown): data is ToTraining {
  return typeof data === 'object' && data !== null && 'kind' in data && typeof data.kind === 'string';
}
