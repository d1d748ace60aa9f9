// Licences of what others wrote and a vsix carries: MIT, BSD, ISC and Apache ask that their text goes along.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILDS } from '../../esbuild.mjs';

/** A package whose file is the text of Apache-2.0, which is the same for all. */
const APACHE = 'long';

/**
 * @param {string} root of the repository, whose bundles are built.
 * @param {readonly string[]} unbundled folders, relative to `root`, of packages that lie in the vsix as they are.
 * @returns {Promise<string>} for each package its name, version, licence and author, and the texts that it has.
 */
export async function licencesOf(root, unbundled) {
  const folders = new Set(unbundled);
  for (const name of Object.keys(BUILDS)) {
    const { outputs } = JSON.parse(await readFile(join(root, 'dist', 'meta', `${name}.json`), 'utf8'));
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
  }
  const sections = await Promise.all([...folders].sort().map((folder) => sectionOf(root, folder)));
  return sections.join(`\n${'-'.repeat(80)}\n\n`);
}

async function sectionOf(root, folder) {
  const manifest = await readFile(join(root, folder, 'package.json'), 'utf8');
  const { name, version, license, author, repository } = JSON.parse(manifest);
  const from = repository?.url ?? repository;
  const head = [`${name} ${version}`, license, author?.name ?? author, from].filter(Boolean).join('\n');
  const own = await textsIn(join(root, folder));
  const isApache = own.length === 0 && license.startsWith('Apache-2.0');
  const texts = isApache ? await textsIn(join(root, 'node_modules', APACHE)) : own;
  return `${[head, ...texts.map((text) => text.trim())].join('\n\n')}\n`;
}

async function textsIn(folder) {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice)[^/]*$/i.test(name)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}
