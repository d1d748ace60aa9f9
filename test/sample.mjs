// Makes media/sample again: renders the scenes, trains the detector on others, exports it.
//   node test/sample.mjs [--seed 7] [--render-only | --train-only | --evaluate-only] [--steps n] [--sampler random] [--validation n] [--out media/sample]
// Training wants the native binding of TensorFlow: `node test/tfjs-node.mjs FOLDER` builds one and prints TFJS_NODE_PATH.
import * as esbuild from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    out: { type: 'string', default: `${root}media/sample` },
    steps: { type: 'string' },
    // Who chooses the RoIs that train: `random` is Fast R-CNN's 1:3, `paper` is OHEM, or any other preset.
    sampler: { type: 'string', default: 'random' },
    validation: { type: 'string', default: '60' },
    'render-only': { type: 'boolean', default: false },
    'train-only': { type: 'boolean', default: false },
    'evaluate-only': { type: 'boolean', default: false },
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
const scenes = `${root}out/scenes`;
const say = (line) => console.log(line);
const only = ['render-only', 'train-only', 'evaluate-only'].find((name) => values[name]);
const does = (name) => only === undefined || only === name;

if (does('render-only')) {
  const { renderSample } = await load('src/sample/render-sample.ts', 'sample-render');
  await renderSample(values.out, seed, say);
}
if (does('train-only')) {
  const { trainSample } = await load('src/sample/train-sample.ts', 'sample-train');
  await trainSample(values.out, seed, { scenes, sampler: values.sampler, ...(values.steps === undefined ? {} : { steps: Number(values.steps) }) }, say);
}
if (does('evaluate-only')) {
  const { evaluateSample } = await load('test/sample-evaluate.ts', 'sample-evaluate');
  const evaluation = await evaluateSample(values.out, seed, Number(values.validation), scenes);
  const file = `${values.out}/checkpoint/training.json`;
  await writeFile(file, `${JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), evaluation: { scenes: Number(values.validation), map50: evaluation.map50, ap50: evaluation.ap50 } }, null, 2)}\n`);
  say(JSON.stringify(evaluation));
}
