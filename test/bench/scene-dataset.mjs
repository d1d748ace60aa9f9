// The sample's scenes as COCO data sets, to train on:  node test/bench/scene-dataset.mjs FOLDER [--seed 7] [--training
// 700] [--validation 60]
// FOLDER/training and FOLDER/validation; scenes are rendered once into out/scenes.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadTypeScript } from '../load-ts.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '7' },
    training: { type: 'string', default: '700' },
    validation: { type: 'string', default: '60' },
  },
});
if (positionals.length !== 1) {
  console.error('node test/bench/scene-dataset.mjs FOLDER [--seed 7] [--training 700] [--validation 60]');
  process.exit(2);
}
const { writeSceneDataset } = await loadTypeScript('test/sample/scene-dataset.ts');
for (const stream of ['training', 'validation']) {
  const count = Number(values[stream]);
  await writeSceneDataset(
    join(resolve(positionals[0]), stream),
    Number(values.seed),
    stream,
    count,
    `${root}out/scenes`,
  );
  console.log(`${count} ${stream} scenes`);
}
