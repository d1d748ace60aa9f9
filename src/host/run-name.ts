/** The file name of a new run. */
import { basename, dirname, extname } from 'node:path';

/** Names that say nothing of their own: the folder above does. */
const GENERIC = /^(checkpoint|checkpoints|model|weights|instances|annotations|_annotations\.coco|data|dataset)$/i;

/** `yolox_nano-coco-cc-train-20261122-140509.ohem`: from checkpoint, data set and local time. */
export function runName(checkpoint: string, data: string, now: Date): string {
  const words = [...new Set([wordOf(checkpoint), wordOf(data)])];
  return `${[...words, stamp(now)].join('-')}.ohem`;
}

function wordOf(path: string): string {
  const name = basename(path, extname(path));
  const word = GENERIC.test(name) ? basename(dirname(path)) : name;
  return word.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60) || 'run';
}

function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
