import { Option } from 'commander';
import type { Command } from 'commander';
import { once } from 'node:events';
import { inWords } from '../core/said.js';
import { remainderNote } from '../core/mining/select.js';
import { JSON_ANSWER, sampleDump } from '../run/dump/sample-dump.js';
import { maxInflateOption } from './flag-values.js';
import { addMiningFlags, configFromFlags } from './mining-flags.js';
import type { MiningFlags } from './mining-flags.js';
import { TABLE_ANSWER } from './print/sample-table.js';

const FORMATS = { json: JSON_ANSWER, table: TABLE_ANSWER };

interface SampleFlags extends MiningFlags {
  readonly format: keyof typeof FORMATS;
  /** Bytes. */
  readonly maxInflate: number;
}

/** `ohem sample` */
export function addSampleCommand(program: Command): void {
  const command = program
    .command('sample')
    .description(
      'decide the minibatches of a RoI dump, which a training script wrote: which RoIs train, and why the ' +
        'others do not',
    )
    .argument('<dump>', 'RoI dump: JSON Lines or NPZ')
    .addOption(new Option('--format <format>', 'output').choices(Object.keys(FORMATS)).default('json'))
    .addOption(maxInflateOption());
  addMiningFlags(command, 'definition of a hard example (default: paper)');
  command.action(async (path: string, flags: SampleFlags) => {
    const config = configFromFlags(flags);
    const { text, notes } = await sampleDump(path, config, FORMATS[flags.format], flags.maxInflate);
    for (const note of [inWords(remainderNote(config)), ...notes])
      if (note !== '') process.stderr.write(`note: ${note}\n`);
    for (const piece of text) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  });
}
