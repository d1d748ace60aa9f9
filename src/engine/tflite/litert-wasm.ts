/** TensorFlow Lite models on LiteRT's WASM: one thread, no native code. */
import { MiningError } from '../../core/mining-error.js';
import { readRegular } from '../../files/reading.js';
import type { Backend, Engine } from '../engine.js';
import { reasonOf, unreadable } from '../failure.js';
import { checkFeeds } from '../feeds.js';
import { findLitert, openSession, type Litert } from './litert.js';
import { packedTexts } from './packed-files.js';
import { portOf } from './tensor-values.js';
import { readTflite, type TfliteModel, type TfliteTensor } from './tflite-model.js';
import { neededNodes, outputTensors, withOutputs } from './tflite-rewrite.js';

export const litertWasm: Backend = {
  id: 'litert-wasm',
  title: 'LiteRT (WASM, one thread)',
  summary: 'TensorFlow Lite on one core, WASM.',
  needs: 'nothing: WASM, one thread',
  formats: ['tflite'],
  packages: () => ({ '@litertjs/core': /^(package\.json|README\.md|wasm\/litert_wasm_compat_internal\.(js|wasm))$/ }),
  async start() {
    const litert = await findLitert();
    // What does not start here must not be laid to a model.
    await litert.instantiate(() => undefined);
    return engineOf(litert);
  },
};

function engineOf(litert: Litert): Engine {
  return {
    facts: { id: litertWasm.id, version: litert.version, device: 'WASM, 1 thread' },
    imagesPerThread: 8,
    async loadGraph(path, _format, names = []) {
      const bytes = await readRegular(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      const model = readTflite(bytes, path);
      const metadata = await packedTexts(bytes);
      const wanted = outputTensors(model, names, path);
      refuseOperators(model, wanted, path);
      const inputs = model.inputs.map((tensor) => portOf(tensor, 'input', path));
      const outputs = wanted.map((tensor) => portOf(tensor, 'output', path));
      const session = await openSession(litert, withOutputs(bytes, model, wanted), inputs, outputs).catch(
        (error: unknown) => {
          const expected = 'a TensorFlow Lite model that LiteRT opens';
          throw new MiningError('checkpoint', 'file', expected, reasonOf(error), { file: path });
        },
      );
      const inputInfos = inputs.map(({ info }) => info);
      const outputInfos = outputs.map(({ info }) => info);
      return {
        inputs: inputInfos,
        outputs: outputInfos,
        metadata,
        nodes: model.nodes,
        async run(feeds) {
          checkFeeds(inputInfos, feeds, path);
          return session.run(feeds).catch((error: unknown) => {
            throw new MiningError('engine', 'run', 'a forward pass', reasonOf(error), { file: path });
          });
        },
        dispose: () => undefined,
      };
    },
    dispose: async () => undefined,
  };
}

/** Operators that are known not to run here, or to leave detections, and what to do. */
const REFUSED: readonly { readonly name: RegExp; readonly todo: string }[] = [
  {
    name: /^Flex/,
    todo: 'It asks for TensorFlow itself (SELECT_TF_OPS): convert it with TFLITE_BUILTINS alone, or to ONNX',
  },
  {
    name: /^TFLite_Detection_PostProcess$/,
    todo: 'NMS is inside: export the network without it, or to ONNX; a contract’s "outputs" can name tensors before it',
  },
];

function refuseOperators(model: TfliteModel, outputs: readonly TfliteTensor[], path: string): void {
  const needed = neededNodes(model, outputs);
  const ops = model.nodes.filter((_, i) => needed[i]).map(({ op }) => op);
  for (const { name, todo } of REFUSED) {
    const found = [...new Set(ops.filter((op) => name.test(op)))];
    if (found.length === 0) continue;
    throw new MiningError('checkpoint', 'operators', 'those of LiteRT.js', found.join(', '), { file: path, todo });
  }
}
