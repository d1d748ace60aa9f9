// Loads and activates the host's bundle on a stand-in for `vscode` and prints the milliseconds:
//   node test/bench/load-host.mjs dist/host.js
// The suite in VS Code's extension host says how long a real activation takes.
import Module, { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** What the language itself asks of a value: `anything` is the empty text, the empty list, and no promise. */
const PLAIN = { [Symbol.toPrimitive]: () => '', [Symbol.iterator]: () => [].values(), then: undefined };
/** A namespace, class, function or value of any name that gives the like, however it is used. */
const anything = new Proxy(function () {}, {
  get: (_, key) => (key in PLAIN ? PLAIN[key] : anything),
  set: () => true,
  apply: () => anything,
  construct: () => anything,
});
/** Bundles copy a module's own names, and find the others through its prototype. */
const vscode = Object.create(anything);
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));

const bundle = resolve(process.argv[2]);
const start = performance.now();
const { activate } = createRequire(import.meta.url)(bundle);
activate(
  Object.assign(Object.create(anything), {
    subscriptions: [],
    asAbsolutePath: (path) => join(dirname(bundle), '..', path),
  }),
);
console.log((performance.now() - start).toFixed(1));
process.exit();
