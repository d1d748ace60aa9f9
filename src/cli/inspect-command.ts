import type { Command } from 'commander';
import path from 'node:path';
import { writeContract } from '../checkpoint/files/write-contract.js';
import { MiningError } from '../core/mining-error.js';
import { boxesOf } from '../core/reports/box-fit.js';
import { drawBoxes, type DrawnBox } from '../dataset/pixels/draw-boxes.js';
import { checkTarget, type Target } from '../files/target.js';
import { inspectCheckpoint, type Inspection } from '../run/inspect/inspect-checkpoint.js';
import { printable, textTable } from './print/text-table.js';

interface InspectFlags {
  readonly data?: string;
  readonly image?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly backend?: string;
  readonly writeContract?: boolean;
}

const GT_COLOUR = '#31d158';
const BOX_COLOUR = '#ff9f0a';

/** `ohem inspect` */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('what a detector is taken for, how sure that is and why; readings ranked by annotated images')
    .argument('<checkpoint>', 'model file, folder or contract')
    .option('--data <path>', 'annotation file or data set folder, to measure by')
    .option('--image <file>', 'image to draw; default: the first that is measured')
    .option('--out <png>', 'draw the best boxes, ground truth dashed')
    .option('--force', 'replace a picture that exists')
    .option('--backend <id>', 'pin a backend (see ohem engines)')
    .option('--write-contract', 'write the best reading into the contract beside the checkpoint')
    .action(inspect);
}

async function inspect(checkpoint: string, flags: InspectFlags): Promise<void> {
  const full = (file: string | undefined) => (file === undefined ? null : path.resolve(file));
  const [data, image] = [full(flags.data), full(flags.image)];
  const target = flags.out === undefined ? null : targetOf(path.resolve(checkpoint), flags.out, flags);
  if (target !== null) await checkTarget(target);
  const found = await inspectCheckpoint({ checkpoint, data, image, backend: flags.backend ?? null });
  process.stdout.write(inspectionText(found));
  if (target !== null) await draw(found, target);
  if (flags.writeContract !== true) return;
  process.stderr.write(`wrote ${printable(await writeContract(path.resolve(checkpoint), found.best))}\n`);
}

function inspectionText({ detector, inputs, outputs, readings, numImages, evidence }: Inspection): string {
  const { family, classes, numClasses, preprocess, notes } = detector;
  const facts: readonly (readonly [string, string])[] = [
    ['family', family],
    ['input', inputs.join('; ')],
    ['', `an image becomes ${detector.inputWidth} x ${detector.inputHeight}`],
    ['output', outputs.join('; ')],
    ['preprocess', preprocess === undefined ? 'as its contract says' : JSON.stringify(preprocess)],
    ['classes', `${numClasses}: ${classes?.slice(0, 10).join(', ') ?? 'unnamed'}${numClasses > 10 ? ', …' : ''}`],
    ...notes.map((note) => ['', note] as const),
    ['evidence', evidence],
  ];
  const ranked = readings.map(({ name, fit }, i) => [String(i + 1), fit.toFixed(3), name]);
  const table = ranked.length === 0 ? '' : `\n${textTable(['', `IoU, ${numImages} images`, 'read'], ranked, 'rrl')}`;
  return `${facts.map(([name, text]) => `${name.padEnd(11)} ${printable(text)}`).join('\n')}\n${table}`;
}

/** What is read is never drawn over. */
function targetOf(checkpoint: string, out: string, { data, image, force }: InspectFlags): Target {
  const inputs = [checkpoint, data, image].filter((file) => file !== undefined);
  return { path: out, force: force === true, inputs, inputFolders: [checkpoint] };
}

async function draw({ drawn, detector }: Inspection, target: Target): Promise<void> {
  if (drawn === null) throw new MiningError('options', '--out', '--image or --data beside it', 'neither');
  const { image, boxes, gts, files } = drawn;
  const truths = (gts === null ? [] : boxesOf(gts)).map((box) => ({
    ...box,
    label: '',
    colour: GT_COLOUR,
    dashed: true,
  }));
  const found = boxes.map(({ classId, score, ...box }): DrawnBox => ({
    ...box,
    label: `${detector.classes?.[classId] ?? classId} ${score.toFixed(2)}`,
    colour: BOX_COLOUR,
    dashed: false,
  }));
  await drawBoxes(image, [...truths, ...found], { ...target, inputs: [...(target.inputs ?? []), ...files] });
}
