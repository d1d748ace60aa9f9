import { Option, type Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { MiningError } from '../core/mining-error.js';
import { inWords, joined } from '../core/said.js';
import { dataFolder } from '../engine/places.js';
import { BACKENDS, probeBackends } from '../engine/registry.js';
import { removeFolder } from '../engine/setup/setup-steps.js';
import { ALLOW_UNPINNED, type Setup, type SetupOffer } from '../engine/setup/setup.js';
import { SETUPS, survey, type SetupSurvey } from '../engine/survey.js';
import type { SetupLine } from '../protocol/setup-messages.js';
import { toWire } from '../protocol/wire-error.js';
import { setupPrinter } from './print/setup-printer.js';

interface CommonFlags {
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly allowUnpinned?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
type Print = (line: SetupLine) => void;

/** `ohem engines setup`, `ohem engines remove` */
export function addSetupCommands(engines: Command): void {
  const setup = engines
    .command('setup')
    .description('set a native backend up: TensorFlow for SavedModels, speed and GPUs');
  const choices = SETUPS.map((kind) => ({ kind, option: new Option(kind.option, kind.help) }));
  const names = choices.map(({ option }) => option.attributeName());
  for (const { option } of choices)
    setup.addOption(option.conflicts(names.filter((name) => name !== option.attributeName())));
  setup
    .option('--list', 'say what there is and what can be set up, no more')
    .option('--yes', 'do not ask')
    .option(ALLOW_UNPINNED, "fetch also what is checked against no hash but its server's own")
    .option('--dry-run', 'say what there is and what would be done')
    .option('--json', 'one JSON object a line')
    // `--json` is an option of `ohem engines`, too, which takes it first.
    .action((_flags: CommonFlags, command: Command) => {
      const flags = command.optsWithGlobals<CommonFlags & Record<string, string | boolean | undefined>>();
      const asked = choices.find(({ option }) => flags[option.attributeName()] !== undefined);
      return setUp(flags, asked?.kind ?? null, asked && flags[asked.option.attributeName()]);
    });
  engines
    .command('remove')
    .description('take away what setup made')
    .option('--json', 'one JSON object a line')
    .action(async (_flags: CommonFlags, command: Command) => {
      const print = setupPrinter(command.optsWithGlobals<CommonFlags>().json === true);
      for (const folder of new Set(SETUPS.map((each) => each.folder())))
        print({ event: 'removed', folder, wasThere: await removeFolder(folder) });
    });
}

/**
 * @param setup the one that was named; null: none.
 * @param value what was given with its option.
 */
async function setUp(flags: CommonFlags, setup: Setup | null, value: string | boolean | undefined): Promise<void> {
  const print = setupPrinter(flags.json === true);
  const named = setup !== null && typeof value === 'string' ? { [setup.id]: value } : {};
  const found = await survey(process.cwd(), named);
  print({ event: 'survey', ...found });
  if (flags.list === true) return;
  const offer = chosen(found, setup);
  if (flags.dryRun === true || offer === null) return;
  refuseUnpinned(offer, flags.allowUnpinned === true);
  if (flags.yes !== true && !(await agreed(offer))) return;
  try {
    await withStop((signal) => offer.carryOut(print, signal));
    const meant = SETUPS.find(({ id }) => id === offer.id);
    if (meant !== undefined) await printVerdicts(print, meant);
  } catch (error) {
    print({ event: 'failed', error: toWire(error) });
    throw error;
  }
}

/**
 * What the named set-up offers, else the best that is here already; null: there is none.
 * @throws MiningError 'options' where what was named cannot be had.
 */
function chosen({ choices }: SetupSurvey, setup: Setup | null): SetupOffer | null {
  const meant = choices.filter(({ id, isHere }) => (setup === null ? isHere : id === setup.id));
  const offer = meant.find(({ why }) => why === '');
  if (offer !== undefined || setup === null) return offer ?? null;
  const received = meant.length === 0 ? 'none' : joined(meant.map(({ why }) => why));
  throw new MiningError('options', `--${setup.id}`, 'one that can be set up on this machine', received);
}

/** @throws MiningError 'options' where a file would be fetched whose hash is not known, without the person's word. */
export function refuseUnpinned({ id, args }: Pick<SetupOffer, 'id' | 'args'>, isAllowed: boolean): void {
  if (isAllowed || !args.includes(ALLOW_UNPINNED)) return;
  const todo = `Say ${ALLOW_UNPINNED}, too, if you trust the server`;
  throw new MiningError('options', `--${id}`, 'a download with a known hash', 'one without', { todo });
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

async function agreed({ title, downloadMb, diskMb }: SetupOffer): Promise<boolean> {
  if (!process.stdin.isTTY) throw new MiningError('options', 'setup', 'consent: --yes', 'no terminal to ask on');
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question(
    `${inWords(title)}: about ${downloadMb} MB are downloaded, ${diskMb} MB kept in ${dataFolder()}, ` +
      'nothing outside is changed. Go on? [y/N] ',
  );
  ask.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Says of the backends that the set-up is for. @throws MiningError 'engine' when none of them runs afterwards. */
async function printVerdicts(print: Print, setup: Setup): Promise<void> {
  const backends = BACKENDS.filter(({ setups }) => setups?.includes(setup));
  const probes = await probeBackends({ refresh: true }, backends);
  for (const { id, runs, version, device, reason } of probes)
    print({ event: 'verdict', id, runs, text: runs ? `${version} · ${device}` : reason });
  if (backends.length > 0 && !probes.some(({ runs }) => runs))
    throw new MiningError('engine', 'setup', 'a backend that runs', joined(probes.map(({ reason }) => reason)), {
      file: setup.folder(),
      todo: 'Libraries or drivers may be of another version, or not there: choose another, or stay without',
    });
}
