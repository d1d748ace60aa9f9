import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { locLossSpec } from '../../src/core/losses/box/index.js';
import { clsLossSpec } from '../../src/core/losses/class/index.js';
import { formatShare } from '../rows/format.js';

/**
 * What the numbers of a run depend on, in short parts: source, checkpoint, backend, loss, assigner, thresholds, preset,
 * notes.
 */
export function runFacts(manifest: RunManifest, mining: MiningConfig): string[] {
  const facts = [manifest.lossSource === 'proxy' ? 'offline proxy: frozen checkpoint' : 'losses from training'];
  if (manifest.checkpoint !== null) facts.push(fileName(manifest.checkpoint.path));
  if (manifest.backend !== null)
    facts.push(`${manifest.backend.id} ${manifest.backend.version} (${manifest.backend.device})`);
  facts.push(...measureFacts(manifest));
  facts.push(`preset ${mining.preset}`, ...manifest.notes);
  return facts;
}

function measureFacts({ task, measure }: RunManifest): string[] {
  if (measure === null) return [];
  const cls = clsLossSpec(measure.clsLoss).title;
  // A whole image is its own label: nothing is matched, and there are no boxes.
  if (task === 'classification') return [`${cls} from ${measure.scoreForm.given}`];
  const facts = [`${cls} + ${locLossSpec(measure.locLoss).title} from ${measure.scoreForm.given}`];
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
