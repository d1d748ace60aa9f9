/**
 * An npm package fetched without npm, which a machine without Node.js has not: one archive, checked against a known
 * hash.
 */
import { said } from '../../core/said.js';
import { mkdir, rm } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import { download } from './download.js';
import type { SetupStep, StepWork } from './setup-steps.js';

type Env = Readonly<Record<string, string | undefined>>;

/** npm's public registry; `npm_config_registry` takes its place, as for npm. */
const REGISTRY = 'https://registry.npmjs.org/';

/** Where an archive is, and the hash that npm's registry had for it when this was written. */
export interface NpmArchive {
  readonly url: string;
  readonly integrity: string;
}

/** @param name without a scope. */
export function npmArchive(name: string, version: string, integrity: string, env: Env = process.env): NpmArchive {
  const registry = (env['npm_config_registry'] || REGISTRY).replace(/\/*$/, '/');
  return { url: `${registry}${name}/-/${name}-${version}.tgz`, integrity };
}

/** On Windows the system's own: Git's, which may come first, takes `C:` of an archive's path for another computer. */
export function tarProgram(platform = process.platform, env: Env = process.env): string {
  return platform === 'win32' ? win32.join(env['SystemRoot'] || 'C:\\Windows', 'System32', 'tar.exe') : 'tar';
}

/**
 * The step that fetches a package into `folder` and unpacks it.
 * @param otherwise what else a person can do where it fails; '' nothing.
 * @param place is given the unpacked package and takes what is wanted from it.
 */
export function fetchStep(
  name: string,
  folder: string,
  { url, integrity }: NpmArchive,
  otherwise: string,
  place: (unpacked: string, work: StepWork) => Promise<void>,
): SetupStep {
  const archive = join(folder, `${name}.tgz`);
  return {
    name,
    of: url,
    todo: said`Set up again to go on where it stopped, or download that file yourself to ${archive}${otherwise}`,
    async run(work) {
      await download({ url, path: archive, integrity, bytes: work.bytes, signal: work.signal });
      const draft = join(folder, 'draft');
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft, { recursive: true });
      await work.program(tarProgram(), ['-xzf', archive, '-C', draft]);
      await place(join(draft, 'package'), work);
      await rm(draft, { recursive: true, force: true });
      await rm(archive);
    },
  };
}
