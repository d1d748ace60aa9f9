// Makes media/sample again: renders the scenes, trains the detector on others with `ohem train`, measures it.
//   node test/sample.mjs [--seed 7] [--render-only | --train-only | --evaluate-only] [--validation n] [--out
// media/sample]
// Training wants the native binding of TensorFlow: `ohem engines setup`, or `node test/tfjs-node.mjs FOLDER` and
// TFJS_NODE_PATH.
// It is configured by media/sample/training/train.yaml; one that was interrupted goes on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadTypeScript } from './load-ts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    out: { type: 'string', default: `${root}media/sample` },
    validation: { type: 'string', default: '60' },
    'render-only': { type: 'boolean', default: false },
    'train-only': { type: 'boolean', default: false },
    'evaluate-only': { type: 'boolean', default: false },
  },
});

/** Runs a script of Node.js to its end, on this terminal. */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
}

/** Trains as train.yaml says and takes the checkpoint and the log from there. */
async function train() {
  const trained = `${root}out/sample-training`;
  run('test/bench/scene-dataset.mjs', 'out/scene-dataset', '--seed', values.seed, '--validation', values.validation);
  if (!existsSync(`${root}dist/cli.mjs`)) run('esbuild.mjs');
  run(
    'dist/cli.mjs',
    'train',
    '--config',
    'media/sample/training/train.yaml',
    ...(existsSync(`${trained}/state.bin`) ? ['--resume'] : []),
  );
  const checkpoint = `${values.out}/checkpoint`;
  await rm(checkpoint, { recursive: true, force: true });
  await cp(`${trained}/checkpoint`, checkpoint, { recursive: true });
  const { writtenBy, step } = JSON.parse(await readFile(`${checkpoint}/training.json`, 'utf8'));
  await writeRecord({ writtenBy, step, config: 'training/train.yaml', log: 'training/log.jsonl' });
  await mkdir(`${values.out}/training`, { recursive: true });
  await copyFile(`${trained}/log.jsonl`, `${values.out}/training/log.jsonl`);
}

function writeRecord(record) {
  return writeFile(`${values.out}/checkpoint/training.json`, `${JSON.stringify(record, null, 2)}\n`);
}

const seed = Number(values.seed);
const say = (line) => console.log(line);
const only = ['render-only', 'train-only', 'evaluate-only'].find((name) => values[name]);
const does = (name) => only === undefined || only === name;

if (does('render-only')) {
  const { renderSample } = await loadTypeScript('test/sample/render-sample.ts');
  await renderSample(values.out, seed, say);
}
if (does('train-only')) await train();
if (does('evaluate-only')) {
  const { evaluateSample } = await loadTypeScript('test/sample-evaluate.ts');
  const evaluation = await evaluateSample(values.out, seed, Number(values.validation), `${root}out/scenes`);
  const record = JSON.parse(await readFile(`${values.out}/checkpoint/training.json`, 'utf8'));
  await writeRecord({
    ...record,
    evaluation: { scenes: Number(values.validation), map50: evaluation.map50, ap50: evaluation.ap50 },
  });
  say(JSON.stringify(evaluation));
}
