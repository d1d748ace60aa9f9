import type { Command } from 'commander';
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import { inWords } from '../core/said.js';
import { probeBackends } from '../engine/registry.js';
import { addSetupCommands } from './engines-setup-command.js';
import { textTable } from './print/text-table.js';

interface EnginesFlags {
  readonly json?: boolean;
  readonly refresh?: boolean;
}

/** `ohem engines` */
export function addEnginesCommand(program: Command): void {
  const engines = program
    .command('engines')
    .description('which backends run here, best first, how fast, and why others do not')
    .option('--json', 'as JSON')
    .option('--refresh', 'look again: do not use the kept verdicts')
    .action(async ({ json, refresh }: EnginesFlags) => {
      const probes = await probeBackends({ refresh: refresh === true });
      if (json === true) process.stdout.write(`${JSON.stringify({ backends: probes })}\n`);
      else process.stdout.write(textTable(['backend', 'forwards/s', 'runs', 'opens'], probes.map(rowOf), 'lrll'));
    });
  addSetupCommands(engines);
}

function rowOf({ id, formats, runs, version, device, reason, speed }: BackendVerdict): string[] {
  return [
    id,
    speed === 0 ? '' : speed.toPrecision(3),
    runs ? `${version} · ${device}` : `no: ${inWords(reason)}`,
    formats.join(', '),
  ];
}
