/** SIGKILL at each call that changes a file, and at random moments: nothing that was there or finished is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/seeded-random.js';
import { call } from '../built-cli.js';
import { figure } from './figures.js';
import { makeFixture } from './fixture.js';
import type { Fixture } from './fixture.js';
import { SEED, SIZES } from './sizes.js';
import { lossesAfterKill, prepare } from './survival.js';
import type { Call, Prepared } from './survival.js';
import { WORKLOADS } from './workloads.js';
import type { Workload } from './workloads.js';

const DIE = path.join(import.meta.dirname, 'die-at-call.mjs');
const LIMIT_MS = 1_800_000;
let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
}, LIMIT_MS);
afterAll(() => fixture.remove());

/** Where a process is to end. */
interface Moment {
  readonly at: number;
  /** Half of the call is done. */
  readonly half: boolean;
}

/** Runs a workload in a folder until a moment; null: to its end. @returns the calls that it made, and its status. */
async function runUntil({ args }: Workload, folder: string, moment: Moment | null) {
  const list = `${folder}.calls.json`;
  const at = moment === null ? {} : { OHEM_DIE_AT: String(moment.at), OHEM_DIE_HALF: moment.half ? '1' : '0' };
  const env = { ...process.env, OHEM_DIE_FOLDER: folder, OHEM_DIE_LIST: list, ...at };
  const { status } = await call(process.execPath, ['--import', DIE, fixture.cli.path, ...args], { cwd: folder, env });
  return { status, calls: JSON.parse(await readFile(list, 'utf8')) as readonly Call[] };
}

const HALVES = ['write', 'writeFile', 'appendFile', 'rm'];

/** Every call, and the middle of those that do something bit by bit; a seeded few of these where not all are wanted. */
function momentsOf(calls: readonly Call[]): Moment[] {
  const all = calls.flatMap(({ call: name }, at) =>
    HALVES.includes(name)
      ? [
          { at, half: false },
          { at, half: true },
        ]
      : [{ at, half: false }],
  );
  const random = seededRandom(SEED);
  while (all.length > SIZES.killsAtCalls) all.splice(random.below(all.length), 1);
  return all;
}

describe('a kill at each call that changes a file', () => {
  for (const workload of WORKLOADS)
    it(`${workload.name} loses nothing`, { timeout: LIMIT_MS }, async () => {
      const prepared = await prepare(fixture, workload);
      const { calls } = await runUntil(workload, await fixture.copy(prepared.start), null);
      const moments = momentsOf(calls);
      const losses: string[] = [];
      let numKilled = 0;
      for (const moment of moments) {
        const folder = await fixture.copy(prepared.start);
        const killed = await runUntil(workload, folder, moment);
        // How many images a write takes is a matter of time: this one had fewer calls.
        if (killed.status === 0) continue;
        numKilled++;
        expect(killed.status).toBe('SIGKILL');
        const found = await lossesAfterKill(fixture, prepared, folder, killed.calls);
        await rm(folder, { recursive: true });
        const { call: name, file } = killed.calls[moment.at];
        losses.push(
          ...found.map((loss) => `${moment.half ? 'half of ' : ''}call ${moment.at}, ${name} ${file}: ${loss}`),
        );
      }
      figure(
        `\`${workload.name}\`: killed before and in the middle of its ${calls.length} calls that change a file`,
        `${numKilled} kills, ${losses.length} losses`,
      );
      expect(losses).toEqual([]);
    });
});

describe('a kill at a random moment', () => {
  it('leaves the old output, or a whole new one', { timeout: LIMIT_MS }, async () => {
    const random = seededRandom(SEED);
    const ready: { readonly prepared: Prepared; readonly elapsedMs: number }[] = [];
    for (const workload of WORKLOADS.filter(({ args }) => args.includes('--force'))) {
      const prepared = await prepare(fixture, workload);
      const folder = await fixture.copy(prepared.start);
      const startedAt = performance.now();
      await fixture.ohem(folder, workload.args);
      ready.push({ prepared, elapsedMs: performance.now() - startedAt });
    }
    const losses: string[] = [];
    let numKilled = 0;
    while (numKilled < SIZES.randomKills) {
      const { prepared, elapsedMs } = ready[numKilled % ready.length];
      const folder = await fixture.copy(prepared.start);
      const { args, name } = prepared.workload;
      const child = spawn(process.execPath, [fixture.cli.path, ...args], { cwd: folder, stdio: 'ignore' });
      const ended = once(child, 'exit');
      await Promise.race([sleep((random.below(1000) / 1000) * elapsedMs), ended]);
      child.kill('SIGKILL');
      await ended;
      if (child.signalCode !== 'SIGKILL') continue;
      numKilled++;
      losses.push(...(await lossesAfterKill(fixture, prepared, folder, null)).map((loss) => `${name}: ${loss}`));
    }
    figure('commands with `--force`: killed at a random moment', `${numKilled} kills, ${losses.length} losses`);
    expect(losses).toEqual([]);
  });
});
