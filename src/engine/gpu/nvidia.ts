/** NVIDIA's driver and cards, as the system tells of them. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const LIMIT_MS = 5000;

/**
 * Has NVIDIA's libraries compute single precision as such, not rounded to 10 bits (TF32, their default since Ampere):
 * losses of a GPU are to be those of a CPU. NVIDIA_TF32_OVERRIDE of the person's own stays. Before they are loaded.
 */
export function keepSinglePrecision(env: NodeJS.ProcessEnv = process.env): void {
  env['NVIDIA_TF32_OVERRIDE'] ??= '0';
}

/** Version of the driver on Linux; '' without one, and elsewhere. */
export async function driverVersion(): Promise<string> {
  const text = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => '');
  return /Kernel Module\s+(?:for \S+\s+)?([\d.]+)/.exec(text)?.[1] ?? '';
}

/** `NVIDIA H100 PCIe (driver 550.54)`, several with `; `; '' where nvidia-smi does not answer within 5 s. */
export function gpuNames(): Promise<string> {
  return new Promise((resolve) => {
    const args = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
    execFile('nvidia-smi', args, { timeout: LIMIT_MS, windowsHide: true }, (error, stdout) => {
      const lines = error
        ? []
        : stdout
            .trim()
            .split('\n')
            .map((line) => line.replace(/, (.*)$/, ' (driver $1)'));
      resolve(lines.join('; '));
    });
  });
}
