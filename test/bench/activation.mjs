// Loads the host's bundle and activates it on a stand-in for `vscode`; prints the milliseconds. Registrations do nothing here:
// what is measured is our own code. The suite in VS Code's extension host reports the time of a real activation.
import Module, { createRequire } from 'node:module';

const anything = new Proxy(function () {}, {
  get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : key === Symbol.iterator ? function* () {} : key === 'then' ? undefined : anything),
  apply: () => anything,
  construct: () => anything,
});
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? anything : load(request, ...rest));
const start = performance.now();
const extension = createRequire(import.meta.url)(process.argv[2]);
const context = { subscriptions: [], extensionUri: anything, extensionPath: process.cwd(), globalState: anything, workspaceState: anything, globalStorageUri: anything, logUri: anything, extension: anything };
await Promise.resolve(extension.activate(context)).catch(() => {});
console.log((performance.now() - start).toFixed(1));
process.exit(0);
