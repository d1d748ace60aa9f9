// A GPU of software for tests: SwiftShader and a Vulkan loader, which Debian's package `chromium` brings.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const CHROMIUM = '/usr/lib/chromium';

/**
 * @returns {Record<string, string> | null} variables by which a new process finds it; null: there is none, and why is
 * said.
 */
export function softwareGpu() {
  const driver = join(CHROMIUM, 'vk_swiftshader_icd.json');
  const missing = [driver, join(CHROMIUM, 'libvulkan.so.1')].find((path) => !existsSync(path));
  if (missing !== undefined) {
    console.log(`skipped: WebGPU, for want of a software adapter: no ${missing} (Debian's package chromium brings it)`);
    return null;
  }
  const libraries = [CHROMIUM, process.env['LD_LIBRARY_PATH']].filter((path) => path);
  return {
    OHEM_SOFTWARE_GPU: '1',
    VK_ICD_FILENAMES: driver,
    LD_LIBRARY_PATH: libraries.join(':'),
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? '/tmp',
  };
}
