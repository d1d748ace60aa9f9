import type { Command } from 'commander';
import type { Probe } from '../engine/probe.js';
import { probeBackends } from '../engine/registry.js';
import { textTable } from './text-table.js';

interface EnginesFlags {
  readonly json?: boolean;
  readonly refresh?: boolean;
}

/** `ohem engines` */
export function addEnginesCommand(program: Command): void {
  program
    .command('engines')
    .description('which backends run here, best first, how fast, and why others do not')
    .option('--json', 'as JSON')
    .option('--refresh', 'look again: do not use the kept verdicts')
    .action(async ({ json, refresh }: EnginesFlags) => {
      const probes = await probeBackends({ refresh: refresh === true });
      if (json === true) process.stdout.write(`${JSON.stringify({ backends: probes })}\n`);
      else process.stdout.write(textTable(['backend', 'forwards/s', 'runs', 'opens'], probes.map(rowOf), 'lrll'));
    });
}

function rowOf({ id, formats, runs, version, device, reason, speed }: Probe): string[] {
  return [id, speed === 0 ? '' : speed.toPrecision(3), runs ? `${version} · ${device}` : `no: ${reason}`, formats.join(', ')];
}
