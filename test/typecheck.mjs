// One TypeScript project a realm: core compiles without Node and DOM, the webview without Node, the host with `vscode`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const realms = ['src/core', '.', 'src/host', 'webview', 'test'];
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
let failed = false;
for (const realm of realms) {
  const { status } = spawnSync(process.execPath, [tsc, '--pretty', '-p', realm], { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
