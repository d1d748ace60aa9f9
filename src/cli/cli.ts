#!/usr/bin/env node
/**
 * `ohem`: the same mining without an editor. Exit status: 0 done, 2 wrong input or options, 75 (EX_TEMPFAIL) worth
 * another try, 130 stopped by Ctrl-C or SIGTERM.
 */
import { Command, CommanderError } from 'commander';
import { MiningError, visible } from '../core/mining-error.js';
import { isMeasureThread, serveMeasureThread } from '../run/mine/measure-thread.js';
import { VERSION } from '../run/file/written-by.js';
import { classMapAdvice } from './class-map.js';
import { addAdviseCommand } from './advise-command.js';
import { addCheckCommand, addSalvageCommand } from './check-command.js';
import { addCompareCommand } from './compare-command.js';
import { addDynamicsCommand } from './dynamics-command.js';
import { addGainsCommand } from './gains-command.js';
import { addEnginesCommand } from './engines-command.js';
import { addCompareRunsCommand } from './triage/compare-runs-command.js';
import { addDecideCommand, addDecisionsCommand } from './triage/decide-command.js';
import { addErrorsCommand } from './triage/errors-command.js';
import { addExportCommand } from './export-command.js';
import { addImportCommand } from './import-command.js';
import { addInspectCommand } from './inspect-command.js';
import { addMcpCommand } from './mcp-command.js';
import { addMergeCommand } from './mine/merge-command.js';
import { addMineCommand } from './mine/mine-command.js';
import { addRemineCommand } from './mine/remine-command.js';
import { addSampleCommand } from './sample-command.js';
import { addShowCommand } from './show-command.js';
import { addSimilarCommand } from './triage/similar-command.js';
import { addSuspectsCommand } from './triage/suspects-command.js';
import { addTrainCommand } from './train-command.js';

function createProgram(): Command {
  const program = new Command('ohem')
    .description('online hard example mining on a checkpoint and an annotated image set')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  addInspectCommand(program);
  addMineCommand(program);
  addRemineCommand(program);
  addMergeCommand(program);
  addShowCommand(program);
  addExportCommand(program);
  addCheckCommand(program);
  addSalvageCommand(program);
  addCompareCommand(program);
  addAdviseCommand(program);
  addDynamicsCommand(program);
  addGainsCommand(program);
  addCompareRunsCommand(program);
  addDecideCommand(program);
  addDecisionsCommand(program);
  addErrorsCommand(program);
  addSuspectsCommand(program);
  addSimilarCommand(program);
  addImportCommand(program);
  addSampleCommand(program);
  addTrainCommand(program);
  addMcpCommand(program);
  addEnginesCommand(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

async function main(): Promise<void> {
  // Who reads the progress may leave; the run goes on.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.stderr.write(`standard output: expected a reader or a disk with room, received ${error.code}\n`);
    process.exit(2);
  });
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells an error in one line. @returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Commander showed its help where no command was given.
    if (error.code !== 'commander.help')
      process.stderr.write(`options: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}\n`);
    return 2;
  }
  const isOurs = error instanceof MiningError;
  process.stderr.write(`${isOurs ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  if (isOurs && error.hint.classes !== undefined)
    process.stderr.write(`\n${visible(classMapAdvice(error.hint.classes))}`);
  if (!isOurs) return 1;
  return error.hint.reason === 'temporary' ? 75 : 2;
}

if (isMeasureThread()) serveMeasureThread();
else await main();
