/** What is known about a training before its first step: the words of `ohem advise`, of its own RoIs. */
import { AdviceTally, type AdviceFacts } from '../../core/advice/advice-facts.js';
import { adviceOf, findingText } from '../../core/advice/advise.js';
import { concatRoiTables } from '../../core/concat-roi-tables.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { RoiTable } from '../../core/tables.js';
import type { Training } from '../../train/trainer.js';
import type { TrainConfig } from './train-config.js';

/** Images that are looked at; their RoIs are some ten thousand. */
const MAX_IMAGES = 32;

/**
 * Warns of what spoils mining, and keeps a promise of the configuration.
 * @throws MiningError 'options' where a step has as much foreground as `foregroundBelow` forbids, or nobody can know.
 * Cost: the network looks at 32 images, with `foregroundBelow` at all.
 */
export async function adviseTraining(
  training: Training,
  config: TrainConfig,
  say: (text: string) => void,
): Promise<void> {
  const isFixed = config.proposals.from !== 'stage' || config.frozenBody;
  const { foregroundBelow } = config;
  if (foregroundBelow !== undefined && !isFixed)
    throw new MiningError(
      'options',
      'foregroundBelow',
      'proposals that stay (a file, anchors, a frozen body)',
      'others',
    );
  const isKnown = isFixed || config.init !== undefined;
  const facts = await factsOf(training, config, foregroundBelow === undefined ? (isKnown ? MAX_IMAGES : 0) : Infinity);
  if (foregroundBelow !== undefined) checkForeground(facts, foregroundBelow);
  for (const finding of adviceOf(facts, { proposalsBeginAnew: !isKnown }).findings)
    say(`warning: ${findingText(finding)} (${finding.evidence})`);
}

async function factsOf(training: Training, { mining }: TrainConfig, maxImages: number): Promise<AdviceFacts> {
  const tally = new AdviceTally(mining, training.spec.numClasses);
  const batch: RoiTable[] = [];
  const add = () => {
    if (batch.length > 0) tally.add(concatRoiTables(batch), batch.length);
    batch.length = 0;
  };
  for await (const table of training.tables(maxImages)) {
    batch.push(table);
    if (batch.length === mining.imagesPerBatch) add();
  }
  add();
  return tally.facts();
}

function checkForeground({ mining, numForeground }: AdviceFacts, share: number): void {
  const most = share * mining.batchSize;
  if (numForeground < most) return;
  throw new MiningError(
    'options',
    'foregroundBelow',
    said`fewer than ${most} foreground RoIs a step (${share} of B = ${mining.batchSize})`,
    numForeground.toFixed(1),
    { todo: 'Raise sampler.batchSize, or give proposals of which fewer overlap an object' },
  );
}
