/** Each fault of the table, through the built command line: exit status, one line, and the data are still there. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../built-cli.js';
import { FAULTS } from './faults.js';
import type { Fault } from './faults.js';
import { figure } from './figures.js';
import { makeFixture, SAMPLE } from './fixture.js';
import type { Fixture } from './fixture.js';
import { bytesOf } from './survival.js';

/** Every command ends within this, whatever it is given. */
const TIMEOUT_MS = 60_000;
let fixture: Fixture;
let [numTried, numMet] = [0, 0];
beforeAll(async () => {
  fixture = await makeFixture();
}, 120_000);
afterAll(async () => {
  figure('faults of the table, through the command line', `${numTried} faults, ${numTried - numMet} not met`);
  await fixture.remove();
});

const OHEM = 'ohem() { "$NODE" "$CLI" "$@"; }';

function bash(folder: string, script: string) {
  const env = { ...process.env, NODE: process.execPath, CLI: fixture.cli.path, SAMPLE };
  return call('bash', ['-c', `${OHEM}\n${script}`], { cwd: folder, env, timeout: TIMEOUT_MS });
}

/** Names and hashes of the regular files in a folder. */
async function filesOf(folder: string): Promise<Map<string, string | null>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hashes = names.sort().map(async (name) => [path.relative(folder, name), await bytesOf(name)] as const);
  return new Map(await Promise.all(hashes));
}

describe.skipIf(process.platform === 'win32')('a fault', () => {
  it.each(FAULTS)('$name', { timeout: 2 * TIMEOUT_MS }, async (fault: Fault) => {
    numTried++;
    const folder = await fixture.copy();
    await bash(folder, fault.before ?? 'true');
    const before = await filesOf(folder);
    const { status, stderr } = await bash(folder, fault.script);
    const lines = stderr.trim().split('\n');
    expect({ status, stderr }).toMatchObject({ status: fault.status });
    if (fault.says !== null) expect(lines.at(-1)).toMatch(fault.says);
    // A stack trace is no line for a person.
    expect(lines.filter((line) => /^\s+at /.test(line))).toEqual([]);
    const isToChange = (name: string) => fault.changes?.some((each) => name === each || name.startsWith(each)) === true;
    const kept = (files: Map<string, string | null>) => [...files].filter(([name]) => !isToChange(name));
    expect(kept(await filesOf(folder))).toEqual(kept(before));
    numMet++;
  });
});
