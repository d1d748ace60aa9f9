/**
 * A trained network on disk: body and head as tfjs layers models with float16 weights, and the contract that binds
 * them.
 */
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../files/replacing.js';
import { toHalfFloats } from '../core/half-float.js';
import type { NetworkSpec } from './network/network-spec.js';
import { BODY_OUTPUTS, foldBody, HEAD_OUTPUTS, isNormed } from './network/network.js';
import type { TrainedNetwork } from './trainer.js';

/**
 * Writes `ohem.json`, `body/` and `head/` into `folder`.
 * @returns the bytes written as weights.
 */
export async function saveNetwork(
  folder: string,
  spec: NetworkSpec,
  classes: readonly string[],
  network: TrainedNetwork,
): Promise<number> {
  const bytes =
    (await saveModel(join(folder, 'body'), isNormed(network.body) ? foldBody(spec, network.body) : network.body)) +
    (await saveModel(join(folder, 'head'), network.head));
  await write(join(folder, 'ohem.json'), `${JSON.stringify(contractOf(spec, classes), null, 2)}\n`);
  return bytes;
}

/** What the `fast-rcnn` family needs to know beside the two graphs. */
export function contractOf(spec: NetworkSpec, classes: readonly string[]): object {
  return {
    family: 'fast-rcnn',
    format: 'tfjs-layers',
    classes,
    input: { width: spec.inputWidth, height: spec.inputHeight },
    preprocess: {
      resize: 'letterbox',
      channels: 'rgb',
      mean: Array(3).fill(spec.mean),
      std: Array(3).fill(spec.std),
      pad: spec.mean,
    },
    body: { file: 'body/model.json', features: BODY_OUTPUTS[0], objectness: BODY_OUTPUTS[1], deltas: BODY_OUTPUTS[2] },
    head: { file: 'head/model.json', logits: HEAD_OUTPUTS[0], deltas: HEAD_OUTPUTS[1] },
    anchors: spec.anchors,
    proposals: spec.proposals,
    pooling: { size: spec.pooledSize, samplingRatio: spec.samplingRatio },
    deltaWeights: spec.deltaWeights,
  };
}

async function saveModel(folder: string, model: LayersModel): Promise<number> {
  await mkdir(folder, { recursive: true });
  const artifacts = await captured(model);
  const values = new Float32Array(artifacts.weightData as ArrayBuffer);
  const weights = toHalfFloats(values);
  const document = {
    format: 'layers-model',
    generatedBy: 'OHEM Lens',
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs?.map(asHalf) }],
  };
  await write(join(folder, 'model.json'), `${JSON.stringify(document)}\n`);
  await write(join(folder, 'weights.bin'), new Uint8Array(weights.buffer));
  return weights.byteLength;
}

function write(path: string, content: string | Uint8Array): Promise<void> {
  return replaceFile({ path, force: true }, (handle) => handle.writeFile(content));
}

function asHalf({ name, shape }: io.WeightsManifestEntry): object {
  return { name, shape, dtype: 'float32', quantization: { dtype: 'float16', original_dtype: 'float32' } };
}

async function captured(model: LayersModel): Promise<io.ModelArtifacts> {
  let taken: io.ModelArtifacts = {};
  await model.save({
    save: async (artifacts) => {
      taken = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return taken;
}
