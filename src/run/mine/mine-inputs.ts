/** Everything a detection run needs before its first image: what can be wrong with it is said before a file is made. */
import { openCheckpoint } from '../../checkpoint/registry.js';
import type { Detector } from '../../checkpoint/detector.js';
import type { MeasureConfig } from '../../core/losses/detector-output.js';
import { mapClasses } from '../../dataset/rows/class-mapping.js';
import type { Dataset } from '../../dataset/dataset.js';
import { startEngine } from '../../engine/registry.js';
import type { MineOptions } from './mine-options.js';
import { proxyManifest, relabel } from './run-inputs.js';
import type { RunInputs } from './run-inputs.js';
import { watchedGraph } from './watchdog.js';
import type { Watchdog } from './watchdog.js';

export interface MineInputs extends RunInputs {
  readonly detector: Detector;
  readonly measure: MeasureConfig;
  /** Further engines like this one may run in threads of this process. */
  readonly inThreads: boolean;
}

/**
 * @param dataset of task detection.
 * @param backend id to pin; null: the best that runs here.
 * @param watchdog is told of each forward.
 * @throws MiningError of whichever part does not fit.
 */
export async function openInputs(
  options: MineOptions,
  dataset: Dataset,
  backend: string | null,
  watchdog: Watchdog,
): Promise<MineInputs> {
  const files = await openCheckpoint(options.checkpointPath);
  const started = await startEngine(files.format, backend);
  const { engine } = started;
  const detector = await files
    .open(async (path, format) => watchedGraph(await engine.loadGraph(path, format), watchdog))
    .catch(async (error: unknown) => {
      await engine.dispose();
      throw error;
    });
  const dispose = async () => {
    detector.dispose();
    await engine.dispose();
  };
  try {
    const { family, inputWidth, inputHeight, scoreForm, notes } = detector;
    const mapping = mapClasses(dataset.classes, detector.classes, detector.numClasses);
    const measure = withChanges(detector.measureDefaults, options.measure);
    const checkpoint = { path: files.path, family, sha256: files.sha256, inputWidth, inputHeight };
    const facts = {
      checkpoint,
      engine: started,
      mapping,
      measure: { ...measure, scoreForm },
      mining: options.mining,
      notes,
    };
    const manifest = proxyManifest(options, dataset, facts);
    return {
      dataset,
      gts: relabel(dataset.gts, mapping.map),
      detector,
      measure,
      manifest,
      inThreads: engine.inThreads === true,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Keys that are not set stay the family's own. */
function withChanges(defaults: MeasureConfig, changes: Partial<MeasureConfig>): MeasureConfig {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const { assigner, clsLoss, locLoss, fgThreshold, bgThreshold, lowQualityMatches, ignoreThreshold, sigma, roiBox } = {
    ...defaults,
    ...(Object.fromEntries(given) as Partial<MeasureConfig>),
  };
  return { assigner, clsLoss, locLoss, fgThreshold, bgThreshold, lowQualityMatches, ignoreThreshold, sigma, roiBox };
}
