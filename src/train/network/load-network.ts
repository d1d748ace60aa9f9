/** A network to go on from: body and head of a saved checkpoint, as layers that can learn. */
import type { io } from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { dirname, join } from 'node:path';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { MAX_BYTES, readRegular, readText } from '../../files/reading.js';

/**
 * Loads a tfjs layers model. Its batch normalisations were folded when it was saved: none is learned again.
 * @throws MiningError 'checkpoint' for a file that is no such model, or whose outputs are not the expected number.
 */
export async function loadLayers(file: string, numOutputs: number): Promise<layers.LayersModel> {
  const model = await layers.loadLayersModel({ load: () => artifactsOf(file) }).catch((error: unknown) => {
    throw new MiningError('checkpoint', 'model', 'a tfjs layers model', phraseOf(error), { file });
  });
  if (model.outputs.length !== numOutputs)
    throw new MiningError('checkpoint', 'outputs', `${numOutputs}`, `${model.outputs.length}`, { file });
  return model;
}

async function artifactsOf(file: string): Promise<io.ModelArtifacts> {
  const { modelTopology, weightsManifest } = JSON.parse(await readText(file, MAX_BYTES)) as io.ModelJSON;
  const shards = await Promise.all(
    weightsManifest.flatMap(({ paths }) => paths).map((path) => readRegular(join(dirname(file), path))),
  );
  const bytes = Buffer.concat(shards);
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { modelTopology, weightSpecs: weightsManifest.flatMap(({ weights }) => weights), weightData };
}
