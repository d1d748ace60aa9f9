import type { Command } from 'commander';
import { probeBackends } from '../engine/registry.js';
import { textTable } from './text-table.js';

/** `ohem engines` */
export function addEnginesCommand(program: Command): void {
  program
    .command('engines')
    .description('which backends run here, best first, and why others do not')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const probes = await probeBackends();
      if (json === true) process.stdout.write(`${JSON.stringify({ backends: probes })}\n`);
      else {
        const rows = probes.map(({ id, formats, runs, version, device, reason }) => [id, runs ? `${version} · ${device}` : `no: ${reason}`, formats.join(', ')]);
        process.stdout.write(textTable(['backend', 'runs', 'opens'], rows, 'lll'));
      }
    });
}
