/**
 * ONNX Runtime's native package on what is faster than the CPU: each of its execution providers is a backend of its
 * own, so that the name in a run file says where its numbers come from. ONNX Runtime puts what a provider lacks on the
 * CPU without a word; onnxruntime-placement.ts refuses that.
 *
 * Source: onnxruntime-node/script/install-metadata.js (CUDA: Linux x64, fetched), bin/ (which platforms have which
 * libraries); onnxruntime's docs of the providers (DirectML: no memory pattern, sequential); its
 * DMLProviderFactoryCreator and WebGpuContext (DirectML refuses software adapters itself; WebGPU asks for the
 * high-performance adapter, as dawn.ts does).
 */
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import { said } from '../../core/said.js';
import { dawnPackages, dawnStamp, describeAdapter, findDawn, requestAdapter } from '../gpu/dawn.js';
import { dawnSetup } from '../gpu/fetch-dawn.js';
import type { Backend, Engine } from '../engine.js';
import { NoDevice, Refusal } from '../failure.js';
import { driverVersion, gpuNames, keepSinglePrecision } from '../gpu/nvidia.js';
import { ONNX_CUDA_FOLDER, ONNX_CUDA_LIBRARIES, onnxCudaSetup } from './fetch-onnx-cuda.js';
import { smokeTest } from './onnxruntime-graph.js';
import { nativeEngine, nativeOptions } from './onnxruntime-node.js';
import { loadPlaced, onProviderOnly } from './onnxruntime-placement.js';
import { packageFolders } from '../places.js';

type SessionOptions = ort.InferenceSession.SessionOptions;

/** Source: coreml_provider_factory.h. */
const CREATE_MLPROGRAM = 0x10;
const USE_CPU_AND_GPU = 0x20;

interface Provider extends Pick<Backend, 'id' | 'title' | 'summary' | 'needs' | 'packages' | 'setups'> {
  /** `linux-x64` and the like, for which the package has it. */
  readonly platforms: RegExp;
  readonly options: SessionOptions;
  readonly imagesPerThread?: Engine['imagesPerThread'];
  /** What else its verdict depends on. @throws Error when it is not there, NoDevice without a device. */
  stamp(folder: string): Promise<string>;
  /** @throws Error when the device must not be taken. */
  device(): Promise<string>;
}

const PROVIDERS: readonly Provider[] = [
  {
    id: ONNX_CUDA_FOLDER,
    title: 'ONNX Runtime (CUDA)',
    summary: 'ONNX on an NVIDIA card, through CUDA. Linux.',
    needs: "Linux x64, an NVIDIA card, and ONNX Runtime's libraries for CUDA",
    setups: [onnxCudaSetup],
    platforms: /^linux-x64$/,
    options: { executionProviders: ['cuda'] },
    // cuDNN tries its algorithms anew for each session: 1 to 3 s on an H200.
    imagesPerThread: 128,
    async stamp(folder) {
      const driver = await driverVersion();
      if (driver === '') throw new NoDevice('no driver of NVIDIA');
      const missing = await missingFrom(folder, ONNX_CUDA_LIBRARIES);
      if (missing.length > 0)
        throw new Refusal(said`its libraries for CUDA are not fetched: ${missing.join(', ')} missing in ${folder}`);
      return [driver, process.env['LD_LIBRARY_PATH'] ?? ''].join('; ');
    },
    device: async () => (await gpuNames()) || 'NVIDIA GPU 0',
  },
  {
    id: 'onnxruntime-directml',
    title: 'ONNX Runtime (DirectML)',
    summary: 'ONNX on any graphics card. Windows.',
    needs: 'Windows; its native package',
    platforms: /^win32-/,
    options: { executionProviders: ['dml'], enableMemPattern: false, executionMode: 'sequential' },
    stamp: async () => '',
    device: async () => 'DirectX 12 adapter 0',
  },
  {
    id: 'onnxruntime-coreml',
    title: 'ONNX Runtime (Core ML)',
    summary: 'ONNX through Core ML. Mac with Apple’s processor.',
    needs: "a Mac with Apple's processor; its native package",
    platforms: /^darwin-arm64$/,
    // ML programs on GPU and CPU: the older form and the Neural Engine compute in half precision.
    options: { executionProviders: [{ name: 'coreml', coreMlFlags: CREATE_MLPROGRAM | USE_CPU_AND_GPU }] },
    stamp: async () => '',
    device: async () => 'Core ML: GPU or CPU, as it decides',
  },
  {
    id: 'onnxruntime-webgpu',
    title: 'ONNX Runtime (WebGPU)',
    summary: 'ONNX on any graphics card, through WebGPU.',
    needs: 'a GPU, plain Node.js; its native package, and Dawn as for `tfjs-webgpu`',
    packages: dawnPackages,
    setups: [dawnSetup],
    platforms: /^(linux|win32)-|^darwin-arm64$/,
    options: { executionProviders: ['webgpu'] },
    // The package does not tell which adapter it takes, and it takes software ones: Dawn is asked, which sees the same.
    stamp: dawnStamp,
    device: async () => describeAdapter((await requestAdapter(await findDawn())).info),
  },
];

/** Best first. */
export const onnxruntimeProviders: readonly Backend[] = PROVIDERS.map(
  ({ options, device, imagesPerThread, ...provider }) => ({
    ...provider,
    formats: ['onnx'],
    async stamp() {
      const { libraries, file, version } = await findRuntime(provider);
      return [version, file, (await stat(file)).mtimeMs, await provider.stamp(libraries)].join('; ');
    },
    async start() {
      const { folder, libraries } = await findRuntime(provider);
      await provider.stamp(libraries);
      const name = await device();
      keepSinglePrecision();
      const runtime = createRequire(import.meta.url)(folder) as typeof ort;
      const all = { ...nativeOptions(), ...options };
      await smokeTest(runtime, onProviderOnly(all));
      const engine = nativeEngine({ id: provider.id, device: name }, runtime, (path, _format, outputs) =>
        loadPlaced(runtime, path, all, provider.id, outputs),
      );
      return imagesPerThread === undefined ? engine : { ...engine, imagesPerThread };
    },
  }),
);

/**
 * The package, and its folder of native libraries for this platform. @throws Error when there is none with this
 * provider.
 */
async function findRuntime({ id, title, platforms }: Pick<Provider, 'id' | 'title' | 'platforms'>): Promise<{
  folder: string;
  libraries: string;
  file: string;
  version: string;
}> {
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.test(platform)) throw new Refusal(said`${title} is not built for ${platform}`);
  for (const folder of packageFolders('onnxruntime-node', id)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const { version, binary } = JSON.parse(text) as { version: string; binary: { napi_versions: number[] } };
    const libraries = join(folder, 'bin', `napi-v${binary.napi_versions[0]}`, process.platform, process.arch);
    const file = join(libraries, 'onnxruntime_binding.node');
    if ((await missingFrom(libraries, ['onnxruntime_binding.node'])).length === 0)
      return { folder, libraries, file, version };
  }
  throw new Refusal(said`the package onnxruntime-node is not there for ${platform}`);
}

async function missingFrom(folder: string, names: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  return names.filter((_, i) => !there[i]);
}
