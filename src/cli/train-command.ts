import type { Command } from 'commander';
import type { TrainLine } from '../run/train/train-run.js';
import { duration } from './print/progress-line.js';
import { gainsText } from './gains-command.js';
import { printable } from './print/text-table.js';

interface TrainFlags {
  readonly config: string;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** `ohem train` */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a two-stage detector with online hard example mining, or with any other preset')
    .requiredOption('--config <file>', 'YAML: data, sampler, schedule, output folder (docs/training.md)')
    .option('--resume', 'go on with a training that was stopped or killed')
    .option('--force', 'replace a training that exists')
    .action(async (flags: TrainFlags) => train(flags));
}

async function train(flags: TrainFlags): Promise<void> {
  // TensorFlow.js is loaded by those who train.
  const [{ readTrainConfig }, { trainRun }, { imageGains }] = await Promise.all([
    import('../run/train/train-config.js'),
    import('../run/train/train-run.js'),
    import('../run/train/image-gains.js'),
  ]);
  const config = await readTrainConfig(flags.config);
  const controller = new AbortController();
  const say = (text: string) => void process.stderr.write(`${printable(text)}\n`);
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    say('stopping after this step; press Ctrl-C again to stop at once');
  };
  process.on('SIGINT', interrupt);
  const startedAt = performance.now();
  try {
    const calls = { say, tell: (line: TrainLine) => say(wordsOf(line)) };
    const { state, step } = await trainRun(
      config,
      { resume: flags.resume === true, force: flags.force === true },
      calls,
      controller.signal,
    );
    const gains = await imageGains(config.out);
    if (gains !== null) say(`${gainsText(gains)} (ohem gains ${config.out})`);
    const rest = state === 'stopped' ? ', stopped: go on with --resume' : '';
    process.stdout.write(
      `${printable(config.out)}: ${step} steps${rest}, ${duration((performance.now() - startedAt) / 1000)}\n`,
    );
    if (state === 'stopped') process.exitCode = 130;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** `120/2400  selected 1.234  all RoIs 0.321 …` and `epoch 3: mAP …`. */
function wordsOf(line: TrainLine): string {
  const fixed = (value: number, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits) : '-');
  if (line.event === 'epoch') {
    const { validation } = line;
    const precision =
      validation === null
        ? ''
        : `: mAP VOC07 ${fixed(validation.voc07)}, VOC10 ${fixed(validation.voc10)}, COCO ${fixed(validation.coco)}`;
    return `epoch ${line.epoch}${precision}`;
  }
  const share =
    line.foregroundShare === null ? 'none selected' : `${Math.round(line.foregroundShare * 100)}% foreground`;
  const times =
    `read-only head ${fixed(line.readOnlyMs, 0)}, selection ${fixed(line.selectionMs, 1)}, trainable head ` +
    `${fixed(line.trainableMs, 0)} ms`;
  return (
    `${line.step}/${line.numSteps}  selected ${fixed(line.selectedLoss)}  all RoIs ${fixed(line.allRoiLoss)}  ` +
    `${share}  ${times}  ${fixed(line.rssMiB, 0)} MiB`
  );
}
