// A TypeScript module of the tests, bundled beside node_modules and imported: for scripts that Node.js runs as is.
import * as esbuild from 'esbuild';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param entry below the repository's root. Several processes may load the same at once. */
export async function loadTypeScript(entry) {
  const outfile = `${root}out/${entry.replaceAll(/\W/g, '-')}-${process.pid}.mjs`;
  await mkdir(`${root}out`, { recursive: true });
  await esbuild.build({
    entryPoints: [`${root}${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const module = await import(pathToFileURL(outfile).href);
  await rm(outfile);
  return module;
}
