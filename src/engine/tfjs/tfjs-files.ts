/**
 * A TensorFlow.js model on disk: its JSON and weight shards, read whole and checked before TensorFlow.js sees them.
 * Source: tfjs-core/src/io/types.ts (ModelJSON, WeightsManifestEntry, DTYPE_VALUE_SIZE_MAP).
 */
import type { io } from '@tensorflow/tfjs-core';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { reasonOf, unreadable } from '../failure.js';
import { sizeOf } from '../feeds.js';
import { readRegular } from '../../files/reading.js';

const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
};

/**
 * Reads a model into what `loadGraphModel` and `loadLayersModel` take.
 * @throws MiningError 'checkpoint' for JSON that is broken or no model, shards that are missing, lie outside the
 * model's folder or are shorter or longer than the manifest says.
 */
export async function readTfjsModel(path: string): Promise<io.ModelArtifacts> {
  const model = parseModel(await readBytes(path), path);
  const groups = checkManifest(model.weightsManifest, path);
  const weightSpecs = groups.flatMap((group) => group.weights);
  const shards = await Promise.all(groups.flatMap((group) => group.paths).map((name) => readShard(path, name)));
  const weights = Buffer.concat(shards);
  checkLength(weightSpecs, weights.byteLength, path);
  return {
    modelTopology: model.modelTopology,
    format: model.format ?? '',
    weightSpecs,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
    ...(model.signature ? { signature: model.signature } : {}),
    ...(model.userDefinedMetadata ? { userDefinedMetadata: model.userDefinedMetadata } : {}),
    ...(model.modelInitializer ? { modelInitializer: model.modelInitializer } : {}),
    ...(model.initializerSignature ? { initializerSignature: model.initializerSignature } : {}),
  };
}

function parseModel(bytes: Uint8Array, path: string): io.ModelJSON {
  let model: io.ModelJSON | null = null;
  try {
    model = JSON.parse(new TextDecoder().decode(bytes)) as io.ModelJSON | null;
  } catch (error) {
    throw new MiningError('checkpoint', 'file', 'JSON of a TensorFlow.js model', reasonOf(error), { file: path });
  }
  if (typeof model?.modelTopology !== 'object' || !Array.isArray(model.weightsManifest)) {
    const received =
      typeof model === 'object' && model !== null ? said`keys ${show(Object.keys(model).join(', '))}` : show(model);
    throw new MiningError('checkpoint', 'file', 'modelTopology and weightsManifest', received, { file: path });
  }
  return model;
}

async function readShard(path: string, name: unknown): Promise<Uint8Array> {
  if (typeof name !== 'string' || isAbsolute(name) || normalize(name).startsWith('..') || name.includes('://')) {
    throw new MiningError('checkpoint', 'weightsManifest.paths', 'a file in the folder of the model', show(name), {
      file: path,
    });
  }
  return readBytes(join(dirname(path), name));
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readRegular(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

const MANIFEST = v.array(
  v.looseObject({
    paths: v.array(v.string()),
    weights: v.array(
      v.looseObject({
        name: v.string(),
        dtype: v.picklist(['string', ...Object.keys(BYTES)]),
        shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
      }),
    ),
  }),
);

function checkManifest(manifest: io.WeightsManifestConfig, path: string): io.WeightsManifestConfig {
  const { issues } = v.safeParse(MANIFEST, manifest, { abortEarly: true });
  if (issues === undefined) return manifest;
  const [issue] = issues;
  const where = `weightsManifest.${v.getDotPath(issue) ?? ''}`;
  throw new MiningError('checkpoint', where, issue.expected ?? issue.message, show(issue.input), { file: path });
}

/** Strings carry their lengths inside, four bytes each: at least those must be there. */
function checkLength(specs: readonly io.WeightsManifestEntry[], received: number, path: string): void {
  const strings = specs.filter(({ dtype }) => dtype === 'string');
  if (strings.length > 0) {
    const least = strings.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
    if (least <= received) return;
    throw new MiningError('checkpoint', 'weights', said`at least ${least} bytes`, said`${received} bytes`, {
      file: path,
    });
  }
  const expected = specs.reduce(
    (sum, spec) => sum + sizeOf(spec.shape) * (BYTES[spec.quantization?.dtype ?? spec.dtype] ?? NaN),
    0,
  );
  if (expected !== received) {
    throw new MiningError('checkpoint', 'weights', said`${expected} bytes`, said`${received} bytes`, { file: path });
  }
}
