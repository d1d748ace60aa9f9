import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import type { Task } from '../../src/core/tables.js';
import { formatShare } from '../rows/format.js';

const CLS_LOSS_WORDS = { 'cross-entropy': 'cross-entropy', bce: 'BCE', focal: 'focal loss' } as const;
const LOC_LOSS_WORDS = { 'smooth-l1': 'smooth L1', giou: '(1 − GIoU)' } as const;

/**
 * What the numbers of a run depend on, in short parts: source, checkpoint, backend, loss, assigner, thresholds, preset,
 * notes.
 */
export function runFacts(manifest: RunManifest, mining: MiningConfig): string[] {
  const facts = [manifest.lossSource === 'proxy' ? 'offline proxy: frozen checkpoint' : 'losses from training'];
  if (manifest.checkpoint !== null) facts.push(fileName(manifest.checkpoint.path));
  if (manifest.backend !== null)
    facts.push(`${manifest.backend.id} ${manifest.backend.version} (${manifest.backend.device})`);
  if (manifest.measure !== null) facts.push(...measureFacts(manifest.measure, manifest.task));
  facts.push(`preset ${mining.preset}`, ...manifest.notes);
  return facts;
}

function measureFacts(measure: NonNullable<RunManifest['measure']>, task: Task): string[] {
  const [cls, loc] = [CLS_LOSS_WORDS[measure.clsLoss], LOC_LOSS_WORDS[measure.locLoss]];
  const loss = task === 'classification' ? cls : `${cls} + ${loc}`;
  const facts = [`${loss} from ${measure.scoreForm.given}`];
  // A whole image is its own label: nothing is matched, and there are no boxes.
  if (task === 'classification') return facts;
  facts.push(`assigner ${measure.assigner}`);
  if (measure.assigner !== 'max-iou') return facts;
  facts.push(`fg IoU ≥ ${formatShare(measure.fgThreshold)}`);
  if (measure.bgThreshold !== measure.fgThreshold) facts.push(`bg IoU < ${formatShare(measure.bgThreshold)}`);
  return facts;
}

/** Last part of a path of either kind. */
function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
