/**
 * TensorFlow's native binding: SavedModels, and TensorFlow.js models on the native kernels. One binding, two entries:
 * `tfjs-node-gpu` runs only where TensorFlow itself computes on a GPU, `tfjs-node` where it computes on the CPU, so the
 * name of the backend in a run file says where its numbers come from.
 *
 * The binding brings its own copy of TensorFlow.js with its own registry of backends; nothing of the bundled one is
 * used.
 * Source: tfjs-node/src/{index,nodejs_kernel_backend,saved_model}.ts; tfjs-node/binding/tfjs_backend.cc (takes the last
 * GPU that TensorFlow lists, else the CPU).
 */
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { said } from '../../core/said.js';
import { prepareForTensorFlow } from '../../files/before-tensorflow.js';
import type { Backend, Engine } from '../engine.js';
import { Refusal } from '../failure.js';
import { gpuNames, keepSinglePrecision } from '../gpu/nvidia.js';
import { linkSetup } from './link-setup.js';
import { officialSetup } from './official-tensorflow.js';
import { findBinding, stampOf, type Binding } from './tfjs-binding.js';
import { noInnerTensors, TFJS_FORMATS, tfjsEngine, type Tfjs } from './tfjs-graph.js';
import { loadSavedModel, type SavedModelApi } from './tfjs-saved-model.js';

const FORMATS = ['saved-model', ...TFJS_FORMATS];

export const tfjsNodeGpu = entry(true, {
  id: 'tfjs-node-gpu',
  title: 'TensorFlow (native, GPU)',
  summary: 'SavedModel and TensorFlow.js on an NVIDIA card, through TensorFlow.',
  needs: 'TensorFlow with CUDA, set up once',
});
export const tfjsNode = entry(false, {
  id: 'tfjs-node',
  title: 'TensorFlow (native, CPU)',
  summary: 'SavedModel and TensorFlow.js on the CPU, through TensorFlow.',
  needs: 'TensorFlow, set up once',
});

function entry(onGpu: boolean, names: Pick<Backend, 'id' | 'title' | 'summary' | 'needs'>): Backend {
  return {
    ...names,
    formats: FORMATS,
    setups: [linkSetup, officialSetup],
    async stamp() {
      const binding = await findBinding();
      refuseCpuBuild(binding, onGpu);
      return stampOf(binding);
    },
    async start() {
      const binding = await findBinding();
      refuseCpuBuild(binding, onGpu);
      return startBinding(names.id, onGpu, binding);
    },
  };
}

/** Spares the loading of some hundred megabytes to learn what is known. */
function refuseCpuBuild({ linked }: Binding, onGpu: boolean): void {
  if (onGpu && linked !== null && linked.cuda === null)
    throw new Refusal(said`TensorFlow ${linked.version} is built without CUDA (${linked.folder})`);
}

/** What the package exports, as far as it is used here: all of TensorFlow.js, and `node`. */
type TfjsNode = Tfjs['core'] & Tfjs['converter'] & Tfjs['layers'] & { readonly node: SavedModelApi };
interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

async function startBinding(id: string, onGpu: boolean, binding: Binding): Promise<Engine> {
  const tf = load(binding);
  if (!(await tf.setBackend('tensorflow'))) throw new Refusal('TensorFlow did not start');
  const native = tf.backend() as unknown as NativeBackend;
  const version = native.binding.TF_Version;
  if (onGpu && !native.isUsingGpuDevice) throw new Refusal(said`TensorFlow ${version} sees no GPU`);
  if (!onGpu && native.isUsingGpuDevice)
    throw new Refusal(said`TensorFlow ${version} computes on the GPU: pin tfjs-node-gpu`);
  const tfjs: Tfjs = { core: tf, converter: tf, layers: tf };
  const engine = await tfjsEngine(tfjs, 'tensorflow', id, await deviceName(onGpu, binding));
  return {
    ...engine,
    facts: { ...engine.facts, version: `${version} (tfjs ${engine.facts.version})` },
    async loadGraph(path, format, outputs = []) {
      if (format !== 'saved-model') return engine.loadGraph(path, format, outputs);
      if (outputs.length > 0) throw noInnerTensors(format, outputs, path);
      return loadSavedModel(tf, tf.node, path);
    },
  };
}

/** @throws Error, whatever the package throws: a library that is missing, of another version, for another platform. */
function load({ folder }: Binding): TfjsNode {
  keepSinglePrecision();
  prepareForTensorFlow();
  const tf = createRequire(import.meta.url)(folder) as TfjsNode;
  tf.enableProdMode();
  return tf;
}

async function deviceName(onGpu: boolean, { linked }: Binding): Promise<string> {
  if (!onGpu) return `CPU, ${availableParallelism()} threads (${cpus()[0]?.model.trim() ?? process.arch})`;
  const cuda = linked?.cuda ? `, CUDA ${linked.cuda}` : '';
  return `${(await gpuNames()) || 'GPU'}${cuda}`;
}
