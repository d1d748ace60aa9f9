import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { MiningError } from '../core/mining-error.js';
import { dataFolder } from '../engine/places.js';
import { BACKENDS, probeBackends } from '../engine/registry.js';
import { dawnFolder, fetchDawn } from '../engine/setup/fetch-dawn.js';
import { fetchNode } from '../engine/setup/fetch-node.js';
import { fetchOnnxCuda, onnxCudaFolder } from '../engine/setup/fetch-onnx-cuda.js';
import { linkBinding, linkFolder, removeFolder } from '../engine/setup/link-binding.js';
import { linkOfficial } from '../engine/setup/official-tensorflow.js';
import { survey, type SetupChoice, type SetupSurvey } from '../engine/setup/survey.js';
import { nodeProgram, type SetupLine } from '../protocol/setup-messages.js';
import { setupPrinter } from './setup-printer.js';

interface SetupFlags {
  readonly tensorflow?: string;
  readonly official?: boolean;
  readonly webgpu?: boolean;
  readonly onnxCuda?: boolean;
  readonly node?: boolean;
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
type Print = (line: SetupLine) => void;

/** `ohem engines setup`, `ohem engines remove` */
export function addSetupCommands(engines: Command): void {
  engines
    .command('setup')
    .description('set a native backend up: TensorFlow for SavedModels, speed and GPUs')
    .option(
      '--tensorflow <path>',
      'link this one: its folder, a Python environment, its python, or an unpacked libtensorflow (default: the best that is found)',
    )
    .addOption(new Option('--official', 'download the official TensorFlow 2.9.1 (CUDA 11.2)').conflicts('tensorflow'))
    .addOption(new Option('--webgpu', 'download Dawn, for WebGPU on any GPU').conflicts(['tensorflow', 'official']))
    .addOption(
      new Option('--onnx-cuda', "download ONNX Runtime's libraries for CUDA 13").conflicts([
        'tensorflow',
        'official',
        'webgpu',
      ]),
    )
    .addOption(
      new Option('--node', 'download Node.js 22 for the engine process of an editor').conflicts([
        'tensorflow',
        'official',
        'webgpu',
        'onnxCuda',
      ]),
    )
    .option('--list', 'say what there is and what can be set up, no more')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'say what there is and what would be done')
    .option('--json', 'one JSON object a line')
    // `--json` is an option of `ohem engines`, too, which takes it first.
    .action((_flags: SetupFlags, command: Command) => setUp(command.optsWithGlobals()));
  engines
    .command('remove')
    .description('take away what setup made')
    .action(async () => {
      for (const folder of [linkFolder(), dawnFolder(), onnxCudaFolder(), nodeFolder()]) {
        if (await removeFolder(folder)) process.stdout.write(`removed ${folder}\n`);
        else process.stdout.write(`nothing to remove in ${folder}\n`);
      }
    });
}

function nodeFolder(): string {
  return join(dataFolder(), nodeProgram(process.platform)[0]);
}

async function setUp(flags: SetupFlags): Promise<void> {
  const print = setupPrinter(flags.json === true);
  const found = await survey(process.cwd(), flags.tensorflow ?? null);
  print({ event: 'survey', ...found });
  if (flags.list === true) return;
  const choice = chosen(found, flags);
  if (flags.dryRun === true || choice === null) return;
  if (flags.yes !== true && !(await agreed(choice))) return;
  await withStop((signal) => carryOutChoice(choice, found, print, signal));
}

/**
 * The choice that the flags name, else the best TensorFlow; null: there is none. @throws MiningError 'options' where it
 * cannot be had.
 */
function chosen({ choices }: SetupSurvey, flags: SetupFlags): SetupChoice | null {
  const id =
    flags.node === true
      ? 'node'
      : flags.onnxCuda === true
        ? 'onnx-cuda'
        : flags.webgpu === true
          ? 'webgpu'
          : flags.official === true
            ? 'official'
            : 'tensorflow';
  const meant = choices.filter((choice) => choice.id === id);
  const choice = meant.find(({ why }) => why === '');
  if (choice !== undefined) return choice;
  const isNamed = flags.tensorflow !== undefined || id !== 'tensorflow';
  if (!isNamed) return null;
  const received = meant.map(({ why }) => why).join('; ') || 'none';
  const expected = id === 'tensorflow' ? 'a TensorFlow 2 with its libraries and headers' : 'one for this machine';
  throw new MiningError(
    'options',
    `--${id}`,
    expected,
    received,
    flags.tensorflow === undefined ? {} : { file: flags.tensorflow },
  );
}

async function carryOutChoice(
  choice: SetupChoice,
  { tensorflows }: SetupSurvey,
  print: Print,
  signal: AbortSignal,
): Promise<void> {
  if (choice.id === 'node') return fetchNode(join(dataFolder(), ...nodeProgram(process.platform)), print, signal);
  if (choice.id === 'webgpu') {
    await fetchDawn(print, signal);
    return printVerdicts(print, WEBGPU, dawnFolder());
  }
  if (choice.id === 'onnx-cuda') {
    await fetchOnnxCuda(print, signal);
    return printVerdicts(print, ONNX_CUDA, onnxCudaFolder());
  }
  if (choice.id === 'official') await linkOfficial(print, signal);
  for (const tensorflow of choice.id === 'tensorflow' ? tensorflows : []) {
    if (tensorflow.folder === choice.args[1]) await linkBinding(tensorflow, print, signal);
  }
  await printVerdicts(print, TENSORFLOW, linkFolder());
}

/** Ctrl-C, and the editor's "Cancel", end the program that runs; what was done stays done. */
async function withStop(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, stop);
  try {
    await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}

async function agreed({ title, downloadMb, diskMb }: SetupChoice): Promise<boolean> {
  if (!process.stdin.isTTY) throw new MiningError('options', 'setup', 'consent: --yes', 'no terminal to ask on');
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question(
    `${title}: about ${downloadMb} MB are downloaded, ${diskMb} MB kept in ${dataFolder()}, nothing outside is changed. Go on? [y/N] `,
  );
  ask.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Backends that a choice is for. */
const TENSORFLOW = ['tfjs-node-gpu', 'tfjs-node'];
const ONNX_CUDA = ['onnxruntime-cuda'];
const WEBGPU = ['tfjs-webgpu', 'onnxruntime-webgpu'];

/** @throws MiningError 'engine' when none of them runs afterwards. */
async function printVerdicts(print: Print, ids: readonly string[], folder: string): Promise<void> {
  const probes = await probeBackends(
    { refresh: true },
    BACKENDS.filter(({ id }) => ids.includes(id)),
  );
  for (const { id, runs, version, device, reason } of probes)
    print({ event: 'verdict', id, runs, text: runs ? `${version} · ${device}` : reason });
  if (!probes.some(({ runs }) => runs))
    throw new MiningError('engine', 'setup', 'a backend that runs', probes.map(({ reason }) => reason).join('; '), {
      file: folder,
      todo: 'Libraries or drivers may be of another version, or not there: choose another, or stay without',
    });
}
