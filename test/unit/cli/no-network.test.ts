/** Nothing of ours asks the network unless a person sets something up: each command runs where a connection ends it. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, call, ROOT, type BuiltCli } from '../../built-cli.js';

const SAMPLE = path.join(ROOT, 'media/sample');
const DUMP = path.join(ROOT, 'test/reference/dump/case-0.npz');
const PRELOAD = path.join(ROOT, 'test/no-network.mjs');
let built: BuiltCli;
let folder: string;
beforeAll(async () => {
  built = await buildCli();
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-network-'));
}, 120_000);
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

/** In this order: later ones read what earlier ones write. */
const COMMANDS: readonly (readonly string[])[] = [
  ['mine', '--checkpoint', `${SAMPLE}/checkpoint`, '--data', SAMPLE, '--limit', '2', '--out', 'RUN'],
  ['show', 'RUN'],
  ['export', 'RUN', '--format', 'html'],
  ['compare', 'RUN', '--b', 'ssd'],
  ['check', 'RUN'],
  ['salvage', 'RUN', '--out', 'RUN.salvaged'],
  ['import', DUMP, '--out', 'RUN.imported'],
  ['sample', DUMP],
  ['engines'],
  ['engines', '--refresh'],
];

describe('no network', () => {
  it.each(COMMANDS)('ohem %s %s', { timeout: 60_000 }, async (...args) => {
    const log = path.join(folder, 'network.log');
    const env = { ...process.env, OHEM_NETWORK_LOG: log, OHEM_DATA: path.join(folder, 'data') };
    const given = args.map((arg) => arg.replace(/^RUN/, path.join(folder, 'it.ohem')));
    const options = { env: { ...env, NODE_OPTIONS: `--import ${PRELOAD}` } };
    const { status } = await call(process.execPath, [built.path, ...given], options);
    expect(existsSync(log) ? await readFile(log, 'utf8') : '').toBe('');
    expect(status).not.toBe(99);
  });

  it('is noticed', async () => {
    const log = path.join(folder, 'noticed.log');
    const options = { env: { ...process.env, OHEM_NETWORK_LOG: log } };
    const ask = "import('node:net').then((net) => net.connect(80, '127.0.0.1'))";
    expect(await call(process.execPath, ['--import', PRELOAD, '-e', ask], options)).toMatchObject({ status: 99 });
    expect(await readFile(log, 'utf8')).toMatch(/^connect/);
  });
});
