import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Whether a script is what Node was told to run, and not imported. @param {string} url its `import.meta.url`. */
export function isMain(url) {
  const [, script] = process.argv;
  return script !== undefined && existsSync(script) && url === pathToFileURL(realpathSync(script)).href;
}
