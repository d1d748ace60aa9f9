/**
 * Whether a backend runs on this machine, found out in a throw-away process: a crash, an abort or a hung driver costs
 * that process and becomes a reason. Verdicts are kept in the cache folder until what they depend on changes: Node.js,
 * platform, our version, and the backend's own stamp (files, TensorFlow, driver).
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { BackendVerdict } from '../../core/facts/backend-verdict.js';
import { asSaid, inWords, said, type Phrase } from '../../core/said.js';
import { replaceFile } from '../../files/replacing.js';
import { probeMessage } from '../../protocol/probe-message.js';
import type { Backend } from '../engine.js';
import { oneLine, Refusal } from '../failure.js';
import { cacheFolder } from '../places.js';
import { probeBackend, refusal } from './probe.js';

/** First use of a GPU may compile kernels; a driver that takes longer than this hangs. */
const LIMIT_MS = 90_000;
const LATE_MS = 100;
const FILE = 'backends.json';

export interface VerdictOptions {
  /** Look again although a verdict is kept. */
  readonly refresh?: boolean;
  /** What answers `--probe ID` with one message; null: this process itself, which then may die. */
  readonly script?: string | null;
  readonly limitMs?: number;
  /** Folder of the kept verdicts. */
  readonly cache?: string;
}

const keptVerdicts = v.object({ verdicts: v.record(v.string(), v.object({ key: v.string(), probe: probeMessage })) });
/** By the backend's id. */
type Kept = v.InferOutput<typeof keptVerdicts>['verdicts'];

/** The verdict on one backend, kept or fresh. Never throws. */
export async function verdictOn(backend: Backend, options: VerdictOptions = {}): Promise<BackendVerdict> {
  const { refresh = false, script = probeScript(), limitMs = LIMIT_MS, cache = cacheFolder() } = options;
  let stamp = '';
  try {
    stamp = (await backend.stamp?.()) ?? '';
  } catch (error) {
    return refusal(backend, error);
  }
  const key = [backend.id, process.version, process.platform, process.arch, await scriptVersion(script), stamp].join(
    ' | ',
  );
  const kept = (await readKept(cache))[backend.id];
  if (!refresh && kept?.key === key) return kept.probe;
  const { probe, killed } =
    script === null
      ? { probe: await probeBackend(backend), killed: false }
      : await probeInChild(backend, script, limitMs);
  // Memory may have run out, or somebody ended it: that says nothing about the next time.
  if (!killed) await keep(cache, backend.id, { key, probe });
  return probe;
}

/** The engine process's own file beside this bundle; null when run from sources. */
function probeScript(): string | null {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'worker.mjs');
  return existsSync(path) ? path : null;
}

/** Another build of ours may bring other versions of the bundled packages. */
async function scriptVersion(script: string | null): Promise<string> {
  if (script === null) return 'sources';
  const { mtimeMs, size } = await stat(script);
  return `${script} ${size} ${mtimeMs}`;
}

interface Probed {
  readonly probe: BackendVerdict;
  /** A signal ended the process before it answered. */
  readonly killed: boolean;
}

/** Runs `script --probe ID` with a time limit. Resolves with a refusal when the child dies or is silent. */
function probeInChild(backend: Backend, script: string, limitMs: number): Promise<Probed> {
  return new Promise((resolve) => {
    const child = fork(script, ['--probe', backend.id], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let stderr = '';
    let answer: BackendVerdict | null = null;
    const settle = (probe: BackendVerdict, killed = false) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      resolve({ probe, killed });
    };
    const timer = setTimeout(
      () => settle(refusal(backend, new Refusal(said`no answer within ${Math.round(limitMs / 1000)} s`))),
      limitMs,
    );
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
    child.on('message', (message) => {
      if (!v.is(probeMessage, message)) return;
      answer = message;
      if (answer.runs) settle(answer);
      // Refused: what a library printed may say more than what it threw, and may still be on its way.
      else setTimeout(() => child.kill('SIGKILL'), LATE_MS);
    });
    child.on('error', (error) => settle(refusal(backend, error)));
    child.on('close', (code, signal) => {
      if (answer === null) settle(refusal(backend, died(code, signal, stderr)), signal !== null);
      else settle({ ...answer, reason: withLibrary(answer.reason, stderr) });
    });
  });
}

/** Names the library that the dynamic linker did not find, which runtimes tend to print and not to throw. */
function withLibrary(reason: Phrase, stderr: string): Phrase {
  const name = /([^\s:/]{1,255}\.so[.\d]{0,32}): cannot open shared object file/.exec(stderr)?.[1];
  return name === undefined || inWords(reason).includes(name) ? reason : said`${asSaid(reason)} (no ${name})`;
}

function died(code: number | null, signal: string | null, stderr: string): Refusal {
  const how =
    signal === null
      ? said`loading it ended the process (exit code ${code ?? '?'})`
      : said`loading it ended the process (${signal})`;
  const words = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /error|fatal|abort|fail|cannot|terminate/i.test(line));
  if (words.length === 0) return new Refusal(how);
  return new Refusal(said`${how}: ${oneLine(words.slice(0, 2).join(': '))}`);
}

async function readKept(cache: string): Promise<Kept> {
  try {
    return v.parse(keptVerdicts, JSON.parse(await readFile(join(cache, FILE), 'utf8'))).verdicts;
  } catch {
    return {};
  }
}

/** A cache that cannot be written costs a probe next time, no more. */
async function keep(cache: string, id: string, verdict: Kept[string]): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
    const verdicts = { ...(await readKept(cache)), [id]: verdict };
    await replaceFile({ path: join(cache, FILE), force: true }, (handle) =>
      handle.writeFile(JSON.stringify({ verdicts }, null, 1)),
    );
  } catch {
    // Said above.
  }
}
