/** The step of a set-up that installs npm packages into its folder. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetupStep } from './setup-steps.js';

/** Exact versions, and the hashes that npm's registry had for them when this was written. */
export type NpmPackages = Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;

/**
 * Install scripts do not run: those of native packages fetch what they like. npm checks the hash of each package, this
 * step those that are named.
 */
export function packagesStep(packages: NpmPackages, folder: string): SetupStep {
  const specs = Object.entries(packages).map(([name, { version }]) => `${name}@${version}`);
  return {
    name: 'packages',
    of: specs.join(', '),
    todo: 'Is npm installed, and is its registry reachable? Set up again to go on',
    async run({ program }) {
      await writeFile(join(folder, 'package.json'), '{"private": true}\n');
      await program('npm', [
        'install',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--save-exact',
        '--prefix',
        folder,
        ...specs,
      ]);
      await checkHashes(packages, folder);
    },
  };
}

/** @throws Error where npm's registry gave something else than it had when this was written. */
async function checkHashes(packages: NpmPackages, folder: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    packages?: Record<string, { integrity?: string }>;
  };
  for (const [name, { integrity }] of Object.entries(packages)) {
    const received = lock.packages?.[`node_modules/${name}`]?.integrity ?? 'no hash';
    if (received !== integrity) throw new Error(`${name}: expected ${integrity}, received ${received}`);
  }
}
