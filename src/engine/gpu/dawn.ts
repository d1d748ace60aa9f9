/**
 * The GPU through Dawn, Chromium's WebGPU (npm `webgpu`): native code that only the engine process loads, and only in
 * plain Node.js. Electron refuses memory that V8 did not allocate, and Dawn hands out such (mapped buffers): nothing
 * could be read back there.
 * Source: webgpu/index.js (which file is loaded); WebGPU's GPUAdapterInfo; dawn-gpu/node-webgpu issue 5.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { said } from '../../core/said.js';
import { NoDevice, Refusal } from '../failure.js';
import { refuseExternalMemory } from './external-memory.js';
import { driverVersion } from './nvidia.js';
import type { PackedFiles } from '../engine.js';
import { packageFolders } from '../places.js';

/** Folder of a set-up inside the data folder: FOLDER/node_modules/webgpu. */
export const DAWN_FOLDER = 'webgpu';
/** Variable that allows software adapters. */
const SOFTWARE = 'OHEM_SOFTWARE_GPU';
/** Dawn ends with the object of `create`, and the process with it when an adapter is still in use. */
const alive: unknown[] = [];

/** GPUAdapterInfo, as far as it is used here. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** The adapter computes on the CPU. */
  readonly isFallbackAdapter?: boolean;
}
export interface GpuDevice {
  addEventListener(
    type: 'uncapturederror',
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
}
export interface GpuAdapter {
  readonly info: AdapterInfo;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}
interface Gpu {
  requestAdapter(options: { readonly powerPreference: string }): Promise<GpuAdapter | null>;
}
interface DawnModule {
  create(options: readonly string[]): Gpu;
  /** GPUBufferUsage and the like, which programs take from the global scope. */
  readonly globals: object;
}

interface DawnPackage {
  /** Absolute folder of the npm package. */
  readonly folder: string;
  /** Absolute path of `dawn.node`. */
  readonly file: string;
}

/**
 * The package of the set-up, else the installed one. Loads nothing.
 * @throws Error with the reason when there is none for this platform, or this process cannot load it.
 */
export async function findDawn(env: NodeJS.ProcessEnv = process.env): Promise<DawnPackage> {
  refuseExternalMemory('Dawn');
  const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
  for (const folder of packageFolders('webgpu', DAWN_FOLDER, env)) {
    const file = join(folder, 'dist', platform, 'dawn.node');
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return { folder, file };
  }
  throw new Refusal(said`the package webgpu (Dawn) is not there for ${platform}`);
}

/** What a vsix carries; on Mac one binary serves both processors. @param target as a backend is given it. */
export function dawnPackages(target: string | null): PackedFiles {
  if (target === null) return {};
  const binary = target.replace(/^darwin-.*/, 'darwin-universal');
  return { webgpu: new RegExp(`^(package\\.json|LICENSE\\.md|index\\.js|dist/${binary}/.*)$`) };
}

/** What a verdict about the GPU depends on: Dawn, the driver, and the variables by which Vulkan finds one. */
export async function dawnStamp(): Promise<string> {
  const { file } = await findDawn();
  const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'LD_LIBRARY_PATH', SOFTWARE].map(
    (name) => process.env[name] ?? '',
  );
  return [file, (await stat(file)).mtimeMs, await driverVersion(), ...variables].join('; ');
}

/** Version of the npm package. */
export async function dawnVersion({ folder }: DawnPackage): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

const NO_VULKAN =
  'WebGPU found no adapter: no driver of Vulkan, or no libvulkan.so.1 ' +
  '(Debian: libvulkan1; NVIDIA without a display: libegl1, libgl1)';

/**
 * The fastest adapter of this machine.
 * @throws NoDevice when there is none, or only a software adapter and nobody asked for it
 * (OHEM_SOFTWARE_GPU=1, for tests: it is correct, and slower than the CPU's own backends).
 */
export async function requestAdapter(dawn: DawnPackage, env: NodeJS.ProcessEnv = process.env): Promise<GpuAdapter> {
  const { create, globals } = (await import(
    /* @vite-ignore */ pathToFileURL(join(dawn.folder, 'index.js')).href
  )) as DawnModule;
  Object.assign(globalThis, globals);
  const gpu = create([]);
  alive.push(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new NoDevice(process.platform === 'linux' ? NO_VULKAN : 'WebGPU found no adapter');
  if (isSoftware(adapter.info) && env[SOFTWARE] !== '1')
    throw new NoDevice(said`only a software adapter: ${describeAdapter(adapter.info)}`);
  return adapter;
}

/** Does the adapter compute on the CPU? By its own word, or by a name that is known. */
export function isSoftware(info: AdapterInfo): boolean {
  const names = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return (
    info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render|\bwarp\b/i.test(names)
  );
}

/** `NVIDIA H100 PCIe (nvidia hopper)`; `, software` where it computes on the CPU. */
export function describeAdapter(info: AdapterInfo): string {
  const name = info.description || info.device || 'GPU';
  const family = [info.vendor, info.architecture].filter((part) => part !== '').join(' ');
  return `${name}${family === '' ? '' : ` (${family})`}${isSoftware(info) ? ', software' : ''}`;
}
