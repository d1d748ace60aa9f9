// What the stand-ins for the extension host share: the theme, and the page's door to VS Code.
import { createEndpoint } from '../../src/protocol/endpoint.ts';
import { THEMES } from './themes.js';

/** What the page's address asks for. */
export const wanted = new URLSearchParams(location.search);

const theme = THEMES[wanted.get('theme') ?? 'dark'];
for (const [name, value] of Object.entries(theme.colours))
  document.documentElement.style.setProperty(`--vscode-${name}`, value);
document.body.className = theme.className;

/** What the page said, for tests: the method as `kind` with its parameters. */
window.said = [];

/** Answers the page's calls; what is told and not answered here is of no account. @returns what tells the page. */
export function acquireFor(answers) {
  let hear = () => {};
  const page = createEndpoint(
    answers,
    { post: (message) => window.postMessage(message, '*'), on: (receive) => (hear = receive) },
    () => {},
  );
  globalThis.acquireVsCodeApi = () => ({
    postMessage(message) {
      if (message.t === 'q') window.said.push({ kind: message.m, ...message.a[0] });
      hear(message);
    },
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  return page;
}
