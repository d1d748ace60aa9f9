/** The README of the bundled sample. */
import { NUM_SAMPLE_IMAGES, sampleFileName } from './make-scenes.js';
import { SAMPLE_CLASSES } from './parts/catalogue.js';
import type { PlantedMistake } from './planted-mistakes.js';
import { SCENE_HEIGHT, SCENE_WIDTH } from './scene.js';

/** Markdown; the table lists each planted mistake with its place. */
export function sampleReadme(seed: number, mistakes: readonly PlantedMistake[]): string {
  const rows = mistakes.map(
    ({ image, kind, note, truth }) =>
      `| ${sampleFileName(image)} | ${kind} | ${note} | ${[truth.x1, truth.y1, truth.x2, truth.y2].join(', ')} |`,
  );
  return `# The bundled sample

${NUM_SAMPLE_IMAGES} pictures (${SCENE_WIDTH} × ${SCENE_HEIGHT}) of small parts on a workbench, \
annotated as COCO JSON (\`instances.json\`), \
and a small two-stage
detector (\`checkpoint/\`) that was trained on other scenes of the same generator. \
Everything here is rendered or trained by
this repository; licence MIT.

Classes: ${SAMPLE_CLASSES.join(', ')}. \
O-rings, nails, bottle caps, beads, paper clips, matches, gears, tablets, pencils, resistors and
drawings of parts on paper lie about too: they look alike and belong to no class.

What makes it hard: piles that hide most of a part, parts of a few pixels, nuts on edge, light that falls off, window
blinds, defocus and noise, and the look-alikes. An object is annotated where at least 30 % of it can be seen; its box is
drawn around what can be seen.

## Annotations that are wrong on purpose

A ranking by loss brings up wrong classes, missing objects and, less loudly, shifted boxes; \
a duplicate changes no loss and
hides. \`ohem suspects\` brings up seven of them in its first ten. Truth: x1, y1, x2, y2 of the object itself.

| image | mistake | what | truth |
|---|---|---|---|
${rows.join('\n')}

## Made again

\`node test/sample.mjs --seed ${seed}\` renders the pictures, trains the detector, measures it and writes this folder
(\`--render-only\`: no training). Training needs TensorFlow's native binding: \`ohem engines setup\`.
Scenes and annotations are the same on every machine; pixels depend on the version of librsvg, weights on the backend.
\`training/\` holds the configuration of the training (OHEM, \`paper\`) and its log; \`checkpoint/training.json\`
says how well the detector does on scenes that training did not see.
`;
}
