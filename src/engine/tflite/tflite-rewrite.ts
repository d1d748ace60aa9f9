/** A .tflite file with other outputs: inner tensors made outputs, and operators left out that none of them needs. */
import { MiningError, show } from '../../core/mining-error.js';
import type { TfliteModel, TfliteTensor } from './tflite-model.js';

/**
 * Tensors that are to be the outputs. @param names of inner tensors; []: the graph's own outputs.
 * @throws MiningError 'checkpoint' for a name that no operator makes.
 */
export function outputTensors(
  { tensors, outputs, nodes }: TfliteModel,
  names: readonly string[],
  path: string,
): TfliteTensor[] {
  if (names.length === 0) return [...new Set(outputs)];
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const missing = names.find((name) => !made.has(name));
  if (missing !== undefined)
    throw new MiningError('checkpoint', 'outputs', 'names of tensors that an operator makes', show(missing), {
      file: path,
    });
  return names.flatMap((name) => tensors.find((tensor) => tensor.name === name) ?? []);
}

/** Of the operators, whether these outputs need each. */
export function neededNodes({ nodes }: TfliteModel, outputs: readonly TfliteTensor[]): boolean[] {
  const needed = new Set(outputs.map(({ name }) => name));
  const flags = nodes.map(() => false);
  for (const [i, node] of [...nodes.entries()].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    flags[i] = true;
    for (const name of node.inputs) needed.add(name);
  }
  return flags;
}

/**
 * The bytes that are opened: signatures are dropped, since they name the outputs that were, and an axis that is left
 * open (the batch, mostly) becomes what its shape says, since LiteRT.js takes no open ones.
 *
 * Flatbuffers' offsets lead forward, so that a longer vector goes to the end of the file, and a shorter one fits where
 * it stands.
 */
export function withOutputs(bytes: Uint8Array, model: TfliteModel, outputs: readonly TfliteTensor[]): Uint8Array {
  const end = 4 * Math.ceil(bytes.length / 4);
  const vectors = Int32Array.of(outputs.length, ...outputs.map(({ index }) => index), 0);
  const all = new Uint8Array(end + vectors.byteLength);
  all.set(bytes);
  all.set(new Uint8Array(vectors.buffer), end);
  const view = new DataView(all.buffer);
  const point = (field: number, to: number) => view.setUint32(field, to - field, true);
  point(model.outputsAt, end);
  if (model.signaturesAt !== 0) point(model.signaturesAt, all.length - 4);
  for (const { openAxes, shapeAt, shapeSignatureAt } of model.tensors)
    if (openAxes.length > 0)
      point(shapeSignatureAt, shapeAt === 0 ? all.length - 4 : shapeAt + view.getUint32(shapeAt, true));
  keepOperators(view, model.operatorsAt, neededNodes(model, outputs));
  return all;
}

/** Moves the offsets of those that are kept to the front of the vector; each leads to where it led. */
function keepOperators(view: DataView, field: number, kept: readonly boolean[]): void {
  if (field === 0) return;
  const vector = field + view.getUint32(field, true);
  let count = 0;
  kept.forEach((isKept, i) => {
    if (!isKept) return;
    const from = vector + 4 + 4 * i;
    const to = vector + 4 + 4 * count++;
    view.setUint32(to, from + view.getUint32(from, true) - to, true);
  });
  view.setUint32(vector, count, true);
}
