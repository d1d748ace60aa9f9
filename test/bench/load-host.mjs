// Loads the host's bundle on a stand-in for `vscode` and prints the milliseconds. The suite in VS Code's extension host
// says
// how long a real activation takes.
import Module, { createRequire } from 'node:module';

const anything = new Proxy(class {}, { get: (target, key) => (key in target ? target[key] : anything) });
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? anything : load(request, ...rest));
const start = performance.now();
createRequire(import.meta.url)(process.argv[2]);
console.log((performance.now() - start).toFixed(1));
