/**
 * TensorFlow.js on the GPU through WebGPU, in plain Node.js (dawn.ts). Its package takes the device from
 * `navigator.gpu` as in a browser; here it gets the one that was chosen. One device a process, as long as the process.
 *
 * An error of the GPU (a buffer that is too large, no memory left) throws nowhere, and results are zeros. So the
 * device's errors are counted, and a forward during which there was one is refused.
 * Source: tfjs-backend-webgpu/src/{base,backend_webgpu}.ts (limits that its kernels want; what its constructor asks
 * for).
 */
import type { Backend } from '../engine.js';
import {
  dawnPackages,
  dawnStamp,
  dawnVersion,
  describeAdapter,
  findDawn,
  requestAdapter,
  type GpuDevice,
} from '../gpu/dawn.js';
import { dawnSetup } from '../gpu/fetch-dawn.js';
import { importTfjs, TFJS_FORMATS, tfjsEngine, type Faults, type Tfjs } from './tfjs-graph.js';

const NAME = 'webgpu';
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

interface Started {
  readonly tfjs: Tfjs;
  readonly device: string;
  readonly dawn: string;
  readonly faults: Faults;
}
let started: Promise<Started> | null = null;

export const tfjsWebgpu: Backend = {
  id: 'tfjs-webgpu',
  title: 'TensorFlow.js (WebGPU)',
  summary: 'TensorFlow.js on any graphics card, through WebGPU.',
  needs: 'a GPU, plain Node.js, Dawn (npm `webgpu`; in the platform vsix)',
  formats: TFJS_FORMATS,
  packages: dawnPackages,
  setups: [dawnSetup],
  stamp: dawnStamp,
  async start() {
    started ??= startDevice();
    const { tfjs, device, dawn, faults } = await started.catch((error: unknown) => {
      started = null;
      throw error;
    });
    const engine = await tfjsEngine(tfjs, NAME, tfjsWebgpu.id, device, faults);
    return { ...engine, facts: { ...engine.facts, version: `${engine.facts.version} (Dawn ${dawn})` } };
  },
};

async function startDevice(): Promise<Started> {
  const dawn = await findDawn();
  const adapter = await requestAdapter(dawn);
  const requiredLimits = Object.fromEntries(
    LIMITS.flatMap((name) => {
      const most = adapter.limits[name];
      return most === undefined ? [] : [[name, most]];
    }),
  );
  const device = await adapter.requestDevice({ requiredLimits });
  const faults = watch(device);
  const tfjs = await importTfjs();
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const create = () => withNavigator(() => new WebGPUBackend(device as never, adapter.info as never));
  tfjs.core.registerBackend(NAME, create);
  return { tfjs, device: describeAdapter(adapter.info), dawn: await dawnVersion(dawn), faults };
}

/** Counts what the device complains of. */
function watch(device: GpuDevice): Faults {
  const faults = { count: 0, last: '', lost: false };
  device.addEventListener('uncapturederror', ({ error }) => {
    faults.count++;
    faults.last = error.message;
  });
  void device.lost.then(({ message }) => {
    faults.lost = true;
    faults.last = `the GPU was lost: ${message}`;
  });
  return faults;
}

/** The constructor only looks whether there is a `navigator.gpu`; a real one there would keep the process alive. */
function withNavigator<T>(create: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  try {
    return create();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}
