// `npm run soak -- --minutes 60`: one engine process mines the sample, sums up, checks and exports, again and again; a
// panel is open beside it in a plain browser and hears of the progress, and its controls are moved at random. Prints a
// table of memory, handles and listeners over the time; exit status 1 where one of them has grown.
import * as esbuild from 'esbuild';
import { fork } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BUILDS } from '../../esbuild.mjs';
import { launchBrowser } from '../vscode/browser.mjs';
import { serveRun } from '../webview/serve.mjs';
import { person } from './person.mjs';

const { values: flags } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const DURATION_MS = Number(flags.minutes) * 60_000;
const NUM_SAMPLES = 20;
/** A value has grown where its median in the last quarter is above that in the second one by more than this. */
const MAX_GROWTH = 0.1;
const SEED = 1;
/** Of the sample. */
const NUM_IMAGES = 42;

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = join(root, 'media/sample');
// Inside the repository, so that native packages are found.
const built = join(root, 'out', `soak-${process.pid}`);
const folder = await mkdtemp(join(tmpdir(), 'ohem-soak-'));
const run = join(folder, 'run.ohem');

/** The engine process, as the host starts and calls it. */
async function startEngine(onProgress) {
  await esbuild.build({ ...BUILDS.engine, outdir: built, logLevel: 'error' });
  const contents = `export { createEndpoint } from './src/protocol/endpoint.ts';
    export { defaultConfig } from './src/core/mining/select.ts';`;
  const house = { stdin: { contents, resolveDir: root }, outfile: join(built, 'house.mjs') };
  await esbuild.build({ ...house, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  const { createEndpoint, defaultConfig } = await import(pathToFileURL(house.outfile).href);
  const child = fork(join(built, 'worker.mjs'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const transport = { post: (message) => child.send(message), on: (receive) => child.on('message', receive) };
  const event = ({ event: kind, progress }) => kind === 'progress' && onProgress(progress);
  const { call } = createEndpoint({ event }, transport, (error) => {
    throw error;
  });
  return { child, call, mining: defaultConfig('detection') };
}

async function mineOnce({ call, mining }) {
  const dataset = { checkpointPath: join(sample, 'checkpoint'), datasetPath: sample, dataset: {} };
  const how = { measure: {}, backend: null, limit: null, resume: false, force: true };
  await call('mine', { ...dataset, ...how, outPath: run, mining });
  await call('summarise', { runPath: run, mining });
  await call('checkRun', { runPath: run });
}

/** Resident memory in MiB, open handles and threads of a process; NaN where the system does not tell. */
async function processFacts(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => null);
  const fact = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
  return { rssMiB: fact('VmRSS') / 1024, handles: handles?.length ?? NaN, threads: fact('Threads') };
}

/** After a collection: heap in MiB, listeners and nodes of the page. */
async function pageFacts(page, session) {
  // The stand-in for the host remembers what it was told.
  await page.evaluate(() => (window.said.length = 0));
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const fact = (name) => metrics.find((metric) => metric.name === name).value;
  return { heapMiB: fact('JSHeapUsedSize') / 2 ** 20, listeners: fact('JSEventListeners'), nodes: fact('Nodes') };
}

const WATCHED = ['rssMiB', 'handles', 'threads', 'heapMiB', 'listeners', 'nodes'];

/** Median of a value over some samples. */
function median(some, key) {
  const values = some.map((each) => each[key]).sort((a, b) => a - b);
  return values[values.length >> 1];
}

/** The first quarter warms up. */
function grown(samples) {
  const quarter = Math.floor(samples.length / 4);
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  return WATCHED.filter((key) => median(late, key) > median(early, key) * (1 + MAX_GROWTH));
}

function tableOf(samples) {
  const heads = ['minute', 'runs', 'moves', 'engine MiB', 'handles', 'threads', 'page MiB', 'listeners', 'nodes'];
  const rows = samples.map((each) =>
    [each.minute, each.runs, each.moves, ...WATCHED.map((key) => each[key])].map((value) => value.toFixed(0)),
  );
  return [heads, heads.map(() => '---:'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

let page;
// A page that is gone hears nothing.
const engine = await startEngine((progress) =>
  page?.evaluate((told) => window.tellPanel('progress', { progress: told }), progress).catch(() => undefined),
);
await mineOnce(engine);
const server = await serveRun(run);
const browser = await launchBrowser();
const samples = [];
let [numRuns, isOver] = [1, false];
try {
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(server.url);
  await page.waitForSelector('[data-testid="canvas"][data-num-drawn]');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const someone = person(page, SEED, NUM_IMAGES);
  const mining = (async () => {
    for (; !isOver; numRuns++) await mineOnce(engine);
  })();
  const startedAt = performance.now();
  for (let i = 1; i <= NUM_SAMPLES; i++) {
    const dueAt = startedAt + (i / NUM_SAMPLES) * DURATION_MS;
    while (performance.now() < dueAt) await Promise.race([someone.move(), mining]);
    await someone.rest();
    const minute = (performance.now() - startedAt) / 60_000;
    const facts = { ...(await processFacts(engine.child.pid)), ...(await pageFacts(page, session)) };
    samples.push({ minute, runs: numRuns, moves: someone.numMoves(), ...facts });
  }
  isOver = true;
  await mining;
} finally {
  await browser.close();
  await server.close();
  engine.child.kill();
  await rm(folder, { recursive: true, force: true });
  await rm(built, { recursive: true, force: true });
}
const found = grown(samples);
console.log(tableOf(samples));
console.log(found.length === 0 ? 'flat' : `grown: ${found.join(', ')}`);
process.exitCode = found.length === 0 ? 0 : 1;
