// Bundles: host (CommonJS, `vscode` external), worker and cli (ESM, native packages external), webview (browser).
import * as esbuild from 'esbuild';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { isMain } from './test/is-main.mjs';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/**
 * Packages with native code or their own files beside them, resolved from node_modules at run time and never bundled:
 * package.json's dependencies. What is bundled is a devDependency.
 */
const { dependencies, optionalDependencies } = JSON.parse(await readFile(new URL('package.json', import.meta.url)));

const common = {
  bundle: true,
  // ES modules first: some packages' `main` is UMD, whose inner requires a bundler cannot follow.
  mainFields: ['module', 'main'],
  sourcemap: !production,
  minify: production,
  metafile: true,
  logLevel: 'info',
  target: 'es2023',
  legalComments: 'linked',
};
const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: Object.keys({ ...dependencies, ...optionalDependencies }),
  outExtension: { '.js': '.mjs' },
  // Bundled CommonJS packages (tfjs) still call require.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
      "import { fileURLToPath as __toPath } from 'node:url';",
      'const __filename = __toPath(import.meta.url);',
      // Not by URL: a package may have a variable of that name.
      "import { dirname as __folderOf } from 'node:path';",
      'const __dirname = __folderOf(__filename);',
    ].join(' '),
  },
};

export const BUNDLES = {
  host: {
    ...common,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
    entryPoints: ['src/host/extension.ts'],
    outfile: 'dist/host.js',
  },
  worker: { ...node, entryPoints: { worker: 'src/worker/worker.ts' }, outdir: 'dist' },
  cli: { ...node, entryPoints: { cli: 'src/cli/cli.ts' }, outdir: 'dist' },
  webview: {
    ...common,
    platform: 'browser',
    mainFields: ['browser', 'module', 'main'],
    format: 'esm',
    entryPoints: {
      panel: 'webview/panel.tsx',
      train: 'webview/train/train.tsx',
      wizard: 'webview/wizard/wizard.tsx',
      checkpoints: 'webview/checkpoints/checkpoints.tsx',
    },
    outdir: 'dist/webview',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
};

/** What a build makes: the engine process and the command line share their code as chunks, so that it ships once. */
const { host, worker, cli, webview } = BUNDLES;
const engine = {
  ...node,
  entryPoints: { ...worker.entryPoints, ...cli.entryPoints },
  outdir: 'dist',
  splitting: true,
  // Beside the entries, where their code looks for the worker and for WASM.
  chunkNames: 'chunk-[hash]',
};
export const BUILDS = { host, engine, webview };

async function main() {
  // Chunks are named by what they hold: those of an earlier build would stay.
  await mkdir('dist', { recursive: true });
  for (const name of await readdir('dist')) if (name.startsWith('chunk-')) await rm(`dist/${name}`);
  const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
  for (const name of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm'])
    await cp(`${wasm}/${name}`, `dist/${name}`);
  for (const [name, options] of Object.entries(BUILDS)) {
    if (watch) {
      const context = await esbuild.context(options);
      await context.watch();
    } else {
      const { metafile } = await esbuild.build(options);
      await mkdir('dist/meta', { recursive: true });
      await writeFile(`dist/meta/${name}.json`, JSON.stringify(metafile));
    }
  }
}

if (isMain(import.meta.url)) await main();
