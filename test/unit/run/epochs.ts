import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultConfig } from '../../../src/core/mining/select.js';
import { importDump } from '../../../src/run/dump/import-dump.js';

/**
 * A run of one epoch of a classifier of two classes, in `folder`; logits of the label 'no' by image, whose names begin
 * with the first letter of their label.
 */
export async function makeEpoch(
  folder: string,
  name: string,
  logits: Readonly<Record<string, number>>,
): Promise<string> {
  const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
  const lines = Object.entries(logits).map(([image, z]) => ({
    image,
    label: image.startsWith('n') ? 0 : 1,
    logits: [z, 0],
  }));
  const dumpPath = path.join(folder, `${name}.jsonl`);
  await writeFile(dumpPath, [header, ...lines].map((line) => JSON.stringify(line)).join('\n'));
  const outPath = path.join(folder, `${name}.ohem`);
  await importDump({ dumpPath, images: null, outPath, miningOf: defaultConfig, force: true }, () => undefined);
  return outPath;
}
