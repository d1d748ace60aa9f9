import { minibatchSize } from '../../src/core/mining/minibatches.js';
import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import { LOSS_SOURCES } from '../../src/core/facts/run-manifest.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { clsLossSpec } from '../../src/core/losses/class/index.js';
import { recipe } from '../../src/core/measure/recipe.js';
import { t, tListed, tSaid } from '../words/t.js';
import { minibatchWords } from '../rows/minibatch.js';

/**
 * What the numbers of a run depend on, in short parts: source, checkpoint, backend, assigner and losses, preset, notes.
 */
export function runFacts(manifest: RunManifest, mining: MiningConfig): string[] {
  const facts: string[] = [tListed(LOSS_SOURCES[manifest.lossSource])];
  if (manifest.checkpoint !== null) facts.push(fileName(manifest.checkpoint.path));
  if (manifest.backend !== null)
    facts.push(`${manifest.backend.id} ${manifest.backend.version} (${manifest.backend.device})`);
  facts.push(...measureFacts(manifest));
  facts.push(t('preset {0}', mining.preset));
  if (manifest.task === 'classification' && minibatchSize(mining) > 1)
    facts.push(minibatchWords(mining.imagesPerBatch));
  // English in the file; what has no number or name in it is known in the page's language.
  facts.push(...manifest.notes.map((note) => tListed(note)));
  return facts;
}

function measureFacts({ task, measure }: RunManifest): string[] {
  if (measure === null) return [];
  const given = { logits: t('from logits'), probabilities: t('from probabilities') }[measure.scoreForm.given];
  // A whole image is its own label: nothing is matched, and there are no boxes.
  if (task === 'classification') return [`${tListed(clsLossSpec(measure.clsLoss).title)} ${given}`];
  return [`${tSaid(recipe(measure))} ${given}`];
}

/** Last part of a path of either kind. */
function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
