/** The step of a set-up that installs npm packages into its folder. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetupStep } from './setup-steps.js';

/**
 * npm's `package-lock.json`: all packages that are installed, those that others need too, in exact versions with the
 * hashes that npm's registry had for them when it was written. Without addresses: a registry of one's own works. Made
 * by `npm install --package-lock-only --ignore-scripts --save-exact --omit-lockfile-registry-resolved NAME@VERSION …`.
 */
export interface NpmLock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, NpmLockEntry>>;
}

interface NpmLockEntry {
  readonly version?: string;
  readonly integrity?: string;
  /** Of the entry '': the packages that a set-up asks for. */
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** npm takes no package of another hash. Install scripts do not run: those of native ones fetch what they like. */
export function packagesStep(lock: NpmLock, folder: string): SetupStep {
  const dependencies = lock.packages['']?.dependencies ?? {};
  return {
    name: 'packages',
    of: Object.entries(dependencies)
      .map(([name, version]) => `${name}@${version}`)
      .join(', '),
    todo: 'Is npm installed, and is its registry reachable? Set up again to go on',
    async run({ program }) {
      await rm(join(folder, 'node_modules'), { recursive: true, force: true });
      await writeFile(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies })}\n`);
      await writeFile(join(folder, 'package-lock.json'), `${JSON.stringify(lock)}\n`);
      await program('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]);
    },
  };
}
