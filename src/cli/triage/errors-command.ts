import { Option } from 'commander';
import type { Command } from 'commander';
import { ERROR_TYPES, ErrorType } from '../../core/triage/tide-errors.js';
import { runErrors, type RunErrors } from '../../run/query/detection-errors.js';
import { tellShortfall } from '../check-command.js';
import { addDetectFlags, detectOptions, type DetectFlags } from './detect-flags.js';
import { textTable } from '../print/text-table.js';

interface ErrorsFlags extends DetectFlags {
  readonly format: 'table' | 'json';
}

/** `ohem errors` */
export function addErrorsCommand(program: Command): void {
  const command = program
    .command('errors')
    .description("what is wrong with a detector's detections (TIDE): how many errors of each type, what each costs")
    .argument('<run>', 'run file (*.ohem)')
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'));
  addDetectFlags(command);
  command.action(async (path: string, flags: ErrorsFlags) => {
    const errors = await runErrors(path, detectOptions(flags));
    process.stdout.write(flags.format === 'json' ? jsonText(path, flags, errors) : tableOf(flags, errors));
    tellShortfall(errors.shortfall);
  });
}

/** Errors in TIDE's order, without the true positives. */
function rowsOf({ counts, deltaAp }: RunErrors) {
  return ERROR_TYPES.map(({ id, says }, code) => ({
    type: id,
    count: counts[code],
    delta_ap: finite(deltaAp[code]),
    says,
  })).slice(1);
}

function jsonText(run: string, flags: ErrorsFlags, errors: RunErrors): string {
  const { scoreThreshold, iouThreshold, most } = detectOptions(flags);
  const detecting = { score_threshold: scoreThreshold, nms_iou: iouThreshold, most };
  const found = { ap50: finite(errors.ap), true_positives: errors.counts[ErrorType.none] };
  const facts = { run, ...errors.extent, num_failed: errors.numFailed, detecting, ...found };
  return `${JSON.stringify({ ...facts, errors: rowsOf(errors) })}\n`;
}

function tableOf(flags: ErrorsFlags, errors: RunErrors): string {
  const { scoreThreshold, iouThreshold, most } = detectOptions(flags);
  const failed = errors.numFailed === 0 ? '' : `, ${errors.numFailed} failed`;
  const head =
    `${errors.extent.num_images} images${failed} · AP at IoU .5: ${points(errors.ap)} · ` +
    `${errors.counts[ErrorType.none]} true positives · detections: score ≥ ${scoreThreshold}, NMS at IoU ` +
    `${iouThreshold}, at most ${most} an image\n`;
  const rows = rowsOf(errors).map(({ type, count, delta_ap, says }) => [type, String(count), points(delta_ap), says]);
  const foot =
    'dAP: percentage points of AP that are gained where all errors of one type, and no others, are put right.\n' +
    'They do not add up, neither to one another nor to 100 − AP: errors hide each other. Miss leaves out objects\n' +
    'that a detection would find by another class or place (Cls, Loc).\n';
  return `${head}${textTable(['type', 'count', 'dAP', ''], rows, 'lrrl')}${foot}`;
}

function points(value: number | null): string {
  return value === null || Number.isNaN(value) ? '' : value.toFixed(2);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
