/** The flags of inference NMS: which RoIs count as detections. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { DETECTING, type DetectOptions } from '../../core/triage/detections.js';
import { positiveNumber, share } from '../flag-values.js';

export interface DetectFlags {
  readonly scoreThreshold: number;
  readonly nmsIou: number;
  readonly maxDetections: number;
}

/** Adds the flags, under a heading of their own. */
export function addDetectFlags(command: Command): Command {
  const { scoreThreshold, iouThreshold, most } = DETECTING;
  const options = [
    new Option('--score-threshold <score>', 'least score').argParser(share).default(scoreThreshold),
    new Option('--nms-iou <iou>', 'NMS of one class above this IoU').argParser(share).default(iouThreshold),
    new Option('--max-detections <n>', 'the best of an image, so many').argParser(positiveNumber).default(most),
  ];
  for (const option of options) command.addOption(option.helpGroup('Detections:'));
  return command;
}

export function detectOptions({ scoreThreshold, nmsIou, maxDetections }: DetectFlags): DetectOptions {
  return { scoreThreshold, iouThreshold: nmsIou, most: maxDetections };
}
