// Makes media/sample again: renders the scenes, trains the detector on others, exports it.
//   node test/sample.mjs [--seed 7] [--render-only | --train-only] [--steps n] [--out media/sample]
// Training wants TensorFlow's native binding: TFJS_NODE_PATH names a built @tensorflow/tfjs-node-gpu or tfjs-node package.
import * as esbuild from 'esbuild';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    out: { type: 'string', default: `${root}media/sample` },
    steps: { type: 'string' },
    'render-only': { type: 'boolean', default: false },
    'train-only': { type: 'boolean', default: false },
  },
});

/** Bundles a TypeScript entry beside node_modules and imports it. */
async function load(entry, name) {
  const outfile = `${root}out/${name}.mjs`;
  await mkdir(`${root}out`, { recursive: true });
  await esbuild.build({ entryPoints: [`${root}${entry}`], outfile, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'error' });
  const module = await import(outfile);
  await rm(outfile);
  return module;
}

const seed = Number(values.seed);
const say = (line) => console.log(line);
if (!values['train-only']) {
  const { renderSample } = await load('src/sample/render-sample.ts', 'sample-render');
  await renderSample(values.out, seed, say);
}
if (!values['render-only']) {
  const { trainSample } = await load('src/sample/train-sample.ts', 'sample-train');
  await trainSample(values.out, seed, { scenes: `${root}out/scenes`, ...(values.steps === undefined ? {} : { steps: Number(values.steps) }) }, say);
}
