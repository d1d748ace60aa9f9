import type { Command } from 'commander';
import path from 'node:path';
import { inWords } from '../core/said.js';
import { MiningError } from '../core/mining-error.js';
import { boxesOf, type TopBox } from '../core/reports/box-fit.js';
import type { GtTable } from '../core/tables.js';
import { decodeImage } from '../dataset/pixels/decode-image.js';
import { drawBoxes, type DrawnBox } from '../dataset/pixels/draw-boxes.js';
import { checkTarget, type Target } from '../files/target.js';
import { factsOf, labelOf } from '../run/inspect/inspection-facts.js';
import { Inspector } from '../run/inspect/inspector.js';
import type { Reading } from '../run/inspect/reading.js';
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
/** Boxes drawn where there is no ground truth to count. */
const DRAWN = 20;

/** `ohem inspect` */
export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('what a detector is taken for, how sure that is and why; readings ranked by annotated images')
    .argument('<checkpoint>', 'model file, folder or contract')
    .option('--data <path>', 'annotation file or data set folder, to measure by')
    .option('--image <file>', 'image to draw; default: the first that is measured')
    .option('--out <png>', 'draw the best boxes, ground truth dashed')
    .option('--force', 'replace a picture that exists, or keys that the contract says otherwise')
    .option('--backend <id>', 'pin a backend (see ohem engines)')
    .option('--write-contract', 'write the best reading into the contract beside the checkpoint')
    .action(inspect);
}

async function inspect(checkpoint: string, flags: InspectFlags): Promise<void> {
  const data = flags.data === undefined ? null : path.resolve(flags.data);
  const target = flags.out === undefined ? null : targetOf(path.resolve(checkpoint), flags.out, flags);
  if (target !== null) await checkTarget(target);
  const inspector = await Inspector.open({ checkpoint, data, backend: flags.backend ?? null });
  try {
    process.stdout.write(inspectionText(inspector));
    if (target !== null) await draw(inspector, flags.image, target);
    if (flags.writeContract === true) await save(inspector, flags.force === true);
  } finally {
    await inspector.dispose();
  }
}

function inspectionText(inspector: Inspector): string {
  const { samples, readings, evidence } = inspector;
  const facts = [...factsOf(inspector), ['evidence', inWords(evidence.said)] as const];
  const ranked = readings.map(({ name, fit }, i) => [String(i + 1), fit.toFixed(3), name]);
  const table =
    samples.length === 0 ? '' : `\n${textTable(['', `IoU, ${samples.length} images`, 'read'], ranked, 'rrl')}`;
  return `${facts.map(([name, text]) => `${name.padEnd(11)} ${printable(inWords(text))}`).join('\n')}\n${table}`;
}

/** What is read is never drawn over. */
function targetOf(checkpoint: string, out: string, { data, image, force }: InspectFlags): Target {
  const inputs = [checkpoint, data, image].filter((file) => file !== undefined);
  return { path: out, force: force === true, inputs, inputFolders: [checkpoint] };
}

async function draw(inspector: Inspector, file: string | undefined, target: Target): Promise<void> {
  const { samples, chosen } = inspector;
  const [first] = samples;
  const read = samples.flatMap(({ path: image, annotationPath }) => [image, annotationPath]);
  const to = { ...target, inputs: [...(target.inputs ?? []), ...read] };
  if (file !== undefined) {
    const image = await decodeImage(path.resolve(file));
    return drawBoxes(image, found(chosen, await inspector.boxesOn(image, DRAWN)), to);
  }
  if (first === undefined) throw new MiningError('options', '--out', '--image or --data beside it', 'neither');
  return drawBoxes(first.image, [...truths(first.gts), ...found(chosen, chosen.boxes[0] ?? [])], to);
}

function truths(gts: GtTable): DrawnBox[] {
  return boxesOf(gts).map((box) => ({ ...box, label: '', colour: GT_COLOUR, dashed: true }));
}

function found(reading: Reading, boxes: readonly TopBox[]): DrawnBox[] {
  return boxes.map((box) => ({
    ...box,
    label: `${labelOf(reading, box)} ${box.score.toFixed(2)}`,
    colour: BOX_COLOUR,
    dashed: false,
  }));
}

/** @throws MiningError 'options' where the contract that is there says otherwise. */
async function save(inspector: Inspector, force: boolean): Promise<void> {
  const { path: file, contradicted } = await inspector.save(force);
  if (contradicted.length > 0)
    throw new MiningError(
      'options',
      '--write-contract',
      'no key that the contract says otherwise',
      contradicted.join(', '),
      {
        file,
        todo: '--force replaces them',
      },
    );
  process.stderr.write(`wrote ${printable(file)}\n`);
}
