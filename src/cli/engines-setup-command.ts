import type { Command } from 'commander';
import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { MiningError } from '../core/mining-error.js';
import { BACKENDS, probeBackends } from '../engine/registry.js';
import { findTensorflows, tensorflowAt, type FoundTensorflow } from '../engine/setup/find-tensorflow.js';
import { linkBinding, linkFolder, LINK_SIZE, removeLinked } from '../engine/setup/link-binding.js';

interface SetupFlags {
  readonly tensorflow?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `ohem engines setup`, `ohem engines remove` */
export function addSetupCommands(engines: Command): void {
  engines
    .command('setup')
    .description('link the TensorFlow of a Python environment, for SavedModels, speed and GPUs')
    .option('--tensorflow <path>', 'its folder, a Python environment, or its python (default: the best that is found)')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what there is and what would be done')
    .action(setUp);
  engines
    .command('remove')
    .description('take away what setup made')
    .action(async () => {
      const there = await removeLinked();
      say(there ? `removed ${linkFolder()}` : `nothing to remove in ${linkFolder()}`);
    });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function setUp({ tensorflow, yes, dryRun }: SetupFlags): Promise<void> {
  say(`Node.js ${process.version} on ${process.platform}-${process.arch}; NVIDIA: ${await gpu()}`);
  const found = tensorflow === undefined ? await findTensorflows(process.cwd()) : [await requireTensorflow(tensorflow)];
  for (const each of found) say(`TensorFlow ${each.version} (${each.cuda === null ? 'CPU' : `CUDA ${each.cuda}`}) ${each.folder}${each.why === '' ? '' : `: cannot be linked: ${each.why}`}`);
  const choice = found.find((each) => each.why === '');
  if (process.platform !== 'linux' || choice === undefined) return sayAlternatives(found);
  say(`To do: link the binding to TensorFlow ${choice.version}. About ${LINK_SIZE.downloadMb} MB from npm's registry, ${LINK_SIZE.diskMb} MB in ${linkFolder()}; needs npm and g++. Nothing outside that folder is changed.`);
  if (dryRun === true) return;
  if (yes !== true && !(await agreed())) return say('nothing was done');
  await linkBinding(choice, say);
  await sayVerdicts();
}

async function requireTensorflow(path: string): Promise<FoundTensorflow> {
  const found = await tensorflowAt(path);
  if (found !== null && found.why === '') return found;
  throw new MiningError('options', '--tensorflow', 'a TensorFlow 2 with libtensorflow_cc.so.2 and its headers', found?.why ?? 'none', { file: path });
}

function sayAlternatives(found: readonly FoundTensorflow[]): void {
  if (process.platform !== 'linux') say(`Linking is done on Linux so far, not on ${process.platform}.`);
  else if (found.length === 0) say('No TensorFlow was found. One for current GPUs: python3 -m venv tf && tf/bin/pip install "tensorflow[and-cuda]" (about 3 GB; CPU only: tensorflow-cpu, 280 MB), then: ohem engines setup --tensorflow tf');
  say('Not offered by this command: the official libraries of the package (TensorFlow 2.9.1 for CUDA 11.2, about 400 MB, by its own install script; OHEM_TFJS_NODE=FOLDER then names the package), and CUDA for ONNX Runtime (about 400 MB).');
  say('Nothing native is needed: TensorFlow.js models run on WASM, ONNX models on ONNX Runtime.');
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new MiningError('options', 'setup', 'consent: --yes', 'no terminal to ask on');
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question('Go on? [y/N] ');
  ask.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** @throws MiningError 'engine' when neither of the two runs afterwards. */
async function sayVerdicts(): Promise<void> {
  const probes = await probeBackends({ refresh: true }, BACKENDS.filter(({ id }) => id.startsWith('tfjs-node')));
  for (const { id, runs, version, device, reason } of probes) say(`${id}: ${runs ? `runs: ${version} · ${device}` : reason}`);
  if (!probes.some(({ runs }) => runs)) throw new MiningError('engine', 'setup', 'a backend that runs', probes.map(({ reason }) => reason).join('; '), { file: linkFolder() });
}

function gpu(): Promise<string> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], { timeout: 5000, windowsHide: true }, (error, stdout) =>
      resolve(error ? 'no nvidia-smi' : stdout.trim().replaceAll('\n', '; ')),
    );
  });
}
