// Where a package lies whose files go into a vsix: in node_modules, or, for another platform's, fetched.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @param {string} root of the repository.
 * @param {string} name of a package of package-lock.json.
 * @returns {Promise<string>} its folder, relative to `root`. npm installs only its own platform's packages; others are
 * fetched from the registry at the version of package-lock.json, once, into out/packages.
 * @throws Error where package-lock.json has none of that name, or the registry refuses.
 */
export async function packageFolder(root, name) {
  const installed = join('node_modules', name);
  if (existsSync(join(root, installed))) return installed;
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const version = lock.packages[`node_modules/${name}`]?.version;
  if (version === undefined)
    throw new Error(`package ${name}: expected in node_modules or package-lock.json, received nothing; run npm ci`);
  const fetched = join('out', 'packages', `${name}@${version}`);
  if (!existsSync(join(root, fetched))) await fetchPackage(`${name}@${version}`, join(root, fetched));
  return fetched;
}

async function fetchPackage(spec, to) {
  await mkdir(join(to, '..'), { recursive: true });
  const work = await mkdtemp(join(to, '..', '.fetch-'));
  try {
    const windows = process.platform === 'win32';
    const npm = windows ? 'npm.cmd' : 'npm';
    const { stdout } = await run(npm, ['pack', spec, '--silent'], { cwd: work, shell: windows });
    await run('tar', ['xzf', stdout.trim().split('\n').at(-1)], { cwd: work });
    await rename(join(work, 'package'), to);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
