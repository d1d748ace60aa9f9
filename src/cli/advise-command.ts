import { Option } from 'commander';
import type { Command } from 'commander';
import { adviceOf, findingText, verdictText } from '../core/advice/advise.js';
import { HARDEST_SHARES, type AdviceFacts, type PresetFacts } from '../core/advice/advice-facts.js';
import { presetText } from '../core/mining/select.js';
import { withRun } from '../run/file/read-run.js';
import { adviseRun } from '../run/query/advise-run.js';
import { tellShortfall } from './check-command.js';
import { addMiningFlags, configFromFlags, type MiningFlags } from './mining-flags.js';
import { textTable } from './print/text-table.js';

type AdviseFlags = MiningFlags & { readonly format: 'table' | 'json' };

/** `ohem advise` */
export function addAdviseCommand(program: Command): void {
  const command = program
    .command('advise')
    .description('does mining suit this data? foreground against the budget, where the loss lies, and a verdict')
    .argument('<run>', 'run file (*.ohem) of a checkpoint, or of losses that a training wrote')
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'));
  addMiningFlags(command, "preset that would train (default: the run's own)").action(advise);
}

async function advise(path: string, { format, ...flags }: AdviseFlags): Promise<void> {
  const own = await withRun(path, async ({ manifest }) => manifest);
  const { facts, extent, shortfall } = await adviseRun(path, configFromFlags(flags, own.mining, own.task));
  const advice = adviceOf(facts);
  const { verdict, findings } = advice;
  const text = verdictText(advice, facts);
  if (format === 'json') {
    const record = { run: path, ...extent, verdict, text, findings: told(findings), facts };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  } else {
    const more = findings.slice(1).map((finding) => `also: ${findingText(finding)}\n`);
    const evidence = findings.map((finding) => `evidence: ${finding.evidence}\n`);
    process.stdout.write(`${text}\n${more.join('')}${evidence.join('')}\n${factsText(facts, own.classes)}`);
  }
  tellShortfall(shortfall);
}

function told(findings: ReturnType<typeof adviceOf>['findings']) {
  return findings.map((finding) => ({
    id: finding.id,
    severity: finding.severity,
    text: findingText(finding),
    evidence: finding.evidence,
  }));
}

function factsText(facts: AdviceFacts, classes: readonly string[]): string {
  const { mining, numRois, numForeground, own, others, lossShares, isLeastShare, background, byClass } = facts;
  const numChosen = byClass.reduce((sum, count) => sum + count, 0);
  const lines = [
    ['preset', presetText(mining)],
    ['RoIs a minibatch', `${fixed(numRois)}, ${fixed(numForeground)} foreground`],
    ['selected', `${fixed(own.numSelected)} (${percent(own.numSelected / numRois)}), ${foreground(own)}`],
    ...HARDEST_SHARES.map((share, i) => [
      `loss on the hardest ${100 * share} %`,
      `${isLeastShare[i] === true ? 'at least ' : ''}${percent(lossShares[i] ?? 0)}`,
    ]),
    [
      'selected background',
      `${background.numSelected}, ${percent(background.aloneShare ?? NaN)} touches no annotation`,
    ],
    ['  surely an object', percent(background.sureAloneShare ?? NaN)],
    ...classes.map((name, k) => [`selected ${name}`, percent((byClass[k] ?? 0) / numChosen)]),
  ];
  const presets = [own, ...others].map((one) => [
    one.preset,
    fixed(one.numSelected),
    percent(one.foregroundShare),
    percent(one.lossCovered),
  ]);
  const heads = ['preset', 'selected', 'foreground', 'loss covered'];
  return `${textTable(['', ''], lines, 'll').trimStart()}\n${textTable(heads, presets, 'lrrr')}`;
}

function foreground({ foregroundShare }: PresetFacts): string {
  return `${percent(foregroundShare)} foreground`;
}

function fixed(mean: number): string {
  return mean.toFixed(mean < 10 ? 1 : 0);
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : 'unknown';
}
