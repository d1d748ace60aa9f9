/** Everything a run needs before its first image: what can be wrong with it is said before a file is made. */
import { openCheckpoint } from '../checkpoint/registry.js';
import type { Detector } from '../checkpoint/detector.js';
import type { MeasureConfig } from '../core/detector-output.js';
import { MiningError } from '../core/mining-error.js';
import type { BackendFacts, RunManifest } from '../core/run-manifest.js';
import { RUN_FORMAT_VERSION } from '../core/run-manifest.js';
import { IGNORE } from '../core/tables.js';
import type { GtTable } from '../core/tables.js';
import { mapClasses } from '../dataset/class-mapping.js';
import type { ClassMapping } from '../dataset/class-mapping.js';
import type { Dataset } from '../dataset/dataset.js';
import { openDataset } from '../dataset/registry.js';
import { startEngine } from '../engine/registry.js';
import type { MineOptions } from './mine-options.js';
import { WRITTEN_BY } from './written-by.js';

export interface MineInputs {
  readonly dataset: Dataset;
  /** Ground truth of all images, labelled by the checkpoint's classes. */
  readonly gts: GtTable;
  readonly detector: Detector;
  readonly measure: MeasureConfig;
  readonly manifest: RunManifest;
  /** Further engines like this one may run in threads of this process. */
  readonly inThreads: boolean;
  dispose(): Promise<void>;
}

/**
 * @param backend id to pin; null: the best that runs here.
 * @throws MiningError of whichever part does not fit.
 */
export async function openInputs(options: MineOptions, backend: string | null): Promise<MineInputs> {
  const dataset = await openDataset(options.datasetPath, options.dataset);
  if (dataset.images.numImages === 0) {
    throw new MiningError('dataset', 'images', 'at least one image', 'none', { file: dataset.path });
  }
  const files = await openCheckpoint(options.checkpointPath);
  const { engine, refused } = await startEngine(files.format, backend);
  const detector = await files.open((path, format) => engine.loadGraph(path, format)).catch(async (error: unknown) => {
    await engine.dispose();
    throw error;
  });
  const dispose = async () => {
    detector.dispose();
    await engine.dispose();
  };
  try {
    const mapping = mapClasses(dataset.classes, detector.classes, detector.numClasses);
    const measure = withChanges(detector.measureDefaults, options.measure);
    const checkpoint = {
      path: files.path,
      family: detector.family,
      sha256: files.sha256,
      inputWidth: detector.inputWidth,
      inputHeight: detector.inputHeight,
    };
    const manifest = { ...manifestOf(options, dataset, detector, mapping, measure, { ...engine.facts, refused }), checkpoint };
    return { dataset, gts: relabel(dataset.gts, mapping.map), detector, measure, manifest, inThreads: engine.inThreads === true, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function manifestOf(
  { mining, limit }: MineOptions,
  dataset: Dataset,
  detector: Detector,
  mapping: ClassMapping,
  measure: MeasureConfig,
  backend: BackendFacts,
): Omit<RunManifest, 'checkpoint'> {
  const { kind, path, imageRoot, split, sha256, images, task, warnings } = dataset;
  const part = limit !== null && limit < images.numImages ? [`the first ${limit} of ${images.numImages} images`] : [];
  return {
    ohemRun: RUN_FORMAT_VERSION,
    task,
    createdAt: new Date().toISOString(),
    writtenBy: WRITTEN_BY,
    precision: 'float32',
    classes: mapping.classes,
    lossSource: 'proxy',
    backend,
    dataset: { kind, path, imageRoot, split, numImages: images.numImages, sha256 },
    measure: { ...measure, scoreForm: detector.scoreForm },
    mining,
    notes: [...detector.notes, ...mapping.notes, ...part, ...warnings.slice(0, MAX_WARNINGS)],
  };
}

/** A data set may have a flaw an object: the file keeps so many, the log all. */
const MAX_WARNINGS = 20;

/** Keys that are not set stay the family's own. */
function withChanges(defaults: MeasureConfig, changes: Partial<MeasureConfig>): MeasureConfig {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const { assigner, clsLoss, locLoss, fgThreshold, bgThreshold, lowQualityMatches, ignoreThreshold, sigma, roiBox } = {
    ...defaults,
    ...(Object.fromEntries(given) as Partial<MeasureConfig>),
  };
  return { assigner, clsLoss, locLoss, fgThreshold, bgThreshold, lowQualityMatches, ignoreThreshold, sigma, roiBox };
}

function relabel(gts: GtTable, map: Int32Array): GtTable {
  return { ...gts, gtClass: gts.gtClass.map((label) => (label === IGNORE ? IGNORE : map[label])) };
}
