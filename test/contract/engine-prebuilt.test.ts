/** The prebuilt binding, with the folder of a TensorFlow written into it; built by test/tfjs-node-suite.mjs. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withRunPath } from '../../src/engine/tfjs/prebuilt-binding.js';
import { findBinding } from '../../src/engine/tfjs/tfjs-binding.js';
import { tfjsNode } from '../../src/engine/tfjs/tfjs-node.js';
import { writeTinyGraphModel, writeTinySavedModel } from './tiny-models.js';

const prebuilt = process.env['OHEM_PREBUILT'];
if (prebuilt === undefined)
  console.log('skipped: the prebuilt binding is not built for this run: node test/tfjs-node-suite.mjs');

describe.skipIf(prebuilt === undefined)('the prebuilt binding', () => {
  let folder = '';
  let copy = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ohem-prebuilt-'));
    const linked = await findBinding();
    // Beside the one that was compiled, where the packages are that it wants.
    copy = join(dirname(linked.folder), `prebuilt-${process.pid}`);
    await cp(linked.folder, copy, { recursive: true });
    await writeFile(
      join(copy, 'lib/napi-v8/tfjs_binding.node'),
      withRunPath(await readFile(prebuilt ?? ''), linked.linked?.folder ?? ''),
    );
    process.env['OHEM_TFJS_NODE'] = copy;
  });
  afterAll(async () => {
    delete process.env['OHEM_TFJS_NODE'];
    await Promise.all([folder, copy].map((path) => rm(path, { recursive: true, force: true })));
  });

  it('computes with that TensorFlow', async () => {
    expect((await findBinding()).folder).toBe(copy);
    const engine = await tfjsNode.start();
    for (const [path, format] of [
      [await writeTinyGraphModel(join(folder, 'graph')), 'tfjs-graph'],
      [await writeTinySavedModel(join(folder, 'saved')), 'saved-model'],
    ] as const) {
      const graph = await engine.loadGraph(path, format);
      const { sum } = await graph.run({ x: { shape: [1, 3], data: Float32Array.of(1, 2, 3) } });
      expect(sum.data).toEqual(Float32Array.of(2, 21, 301));
      graph.dispose();
    }
  });
});
