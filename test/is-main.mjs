import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Whether a script is what Node was told to run, and not imported. @param {string} url its `import.meta.url`. */
export function isMain(url) {
  return process.argv[1] !== undefined && url === pathToFileURL(realpathSync(process.argv[1])).href;
}
