/** Everything a run needs before its first image: what can be wrong with it is said before a file is made. */
import type { BoundClassifier } from '../../checkpoint/classifier/classifier.js';
import type { Detector } from '../../checkpoint/detector.js';
import { holdsGraph } from '../../checkpoint/files/locate.js';
import { openModel } from '../../checkpoint/open-model.js';
import type { RunMeasure } from '../../core/facts/run-manifest.js';
import { resolveMeasure } from '../../core/measure/measure-config.js';
import { MiningError } from '../../core/mining-error.js';
import type { GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { openDataset } from '../../dataset/registry.js';
import { mapClasses, relabel, withIgnored } from '../../dataset/rows/class-mapping.js';
import { notPredictions, predictionFormatAt } from '../../dataset/predictions/registry.js';
import { startEngine } from '../../engine/registry.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import { minedManifest } from './run-inputs.js';
import { openDetections } from './mine-predictions.js';
import type { DetectionInputs, ExampleInputs, MineInputs, ModelFacts, RunInputs } from './run-inputs.js';
import { refuseMeasure, settleClassifier } from './settle-classifier.js';
import { watchedGraph } from './watchdog.js';
import type { Watchdog } from './watchdog.js';

/**
 * Opens the data set, the checkpoint as what the data set's task needs, and an engine for it: each once. Where the
 * checkpoint's path is one of predictions, these.
 * @param watchdog is told of each forward.
 * @throws MiningError of whichever part does not fit.
 */
export async function openInputs(options: MineOptions, watchdog: Watchdog): Promise<MineInputs> {
  const dataset = await openDataset(options.datasetPath, options.dataset);
  if (dataset.images.numImages === 0)
    throw new MiningError('dataset', 'images', 'at least one image', 'none', { file: dataset.path });
  if (dataset.task === 'classification') refuseMeasure(options.measure);
  // Beside a model lies what only looks like predictions, unless the person says that it is.
  const mayBeModel = options.predictions !== true && (await holdsGraph(options.checkpointPath));
  const format = mayBeModel ? undefined : await predictionFormatAt(options.checkpointPath);
  if (format !== undefined) return openDetections(format, options, dataset);
  if (options.predictions === true) throw notPredictions(options.checkpointPath);
  const files = await openModel(options.checkpointPath, dataset.task);
  const started = await startEngine(files.format, options.backend);
  const { engine } = started;
  const model = await files
    .open(async (...graph) => watchedGraph(await engine.loadGraph(...graph), watchdog))
    .catch(async (error: unknown) => {
      await engine.dispose();
      throw error;
    });
  const dispose = async () => {
    model.dispose();
    await engine.dispose();
  };
  try {
    const mapped = mapClasses(dataset.classes, model, { ...model.classMap, ...options.classMap });
    const mapping = withIgnored(mapped, dataset.gts);
    const gts = relabel(dataset.gts, mapping.map);
    const bound =
      'settle' in model
        ? await exampleInputs(model, options, dataset, gts)
        : detectionInputs(model, options, engine.imagesPerThread ?? Infinity);
    const { family, inputWidth, inputHeight } = model;
    const checkpoint = { path: files.path, family, sha256: files.sha256, inputWidth, inputHeight };
    const backend = { ...engine.facts, refused: started.refused };
    const facts = { ...bound.facts, lossSource: 'proxy', checkpoint, backend, mapping } as const;
    const manifest = minedManifest(options, dataset, facts);
    return { ...bound.inputs, dataset, gts, manifest, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What a task adds to the inputs and to the manifest. */
interface Bound<I extends RunInputs> {
  readonly inputs: Omit<I, keyof RunInputs>;
  readonly facts: RunMeasure & Pick<ModelFacts, 'mining' | 'notes'>;
}

function detectionInputs(detector: Detector, options: MineOptions, imagesPerThread: number): Bound<DetectionInputs> {
  const measure = resolveMeasure(detector.measureDefaults, options.measure);
  const { scoreForm, notes } = detector;
  return {
    inputs: { detector, measure, imagesPerThread },
    facts: { task: 'detection', measure: { ...measure, scoreForm }, mining: options.mining, notes },
  };
}

async function exampleInputs(
  bound: BoundClassifier,
  { classificationMining, mining }: MineOptions,
  dataset: Dataset,
  gts: GtTable,
): Promise<Bound<ExampleInputs>> {
  const classifier = await settleClassifier(bound, dataset, gts);
  const { scoreForm, notes } = classifier;
  const measure = { clsLoss: 'cross-entropy', scoreForm } as const;
  const facts = { task: 'classification', measure, mining: classificationMining ?? mining, notes } as const;
  return { inputs: { classifier }, facts };
}
