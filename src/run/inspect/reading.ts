/** Readings of a checkpoint: measured by annotated images, the first of them as it is. */
import type { Detector, ModelFiles } from '../../checkpoint/detector.js';
import { generic } from '../../checkpoint/families/generic.js';
import { genericGuesses } from '../../checkpoint/generic-guesses.js';
import { sharedKeys } from '../../checkpoint/files/contract.js';
import { locateContract } from '../../checkpoint/files/locate.js';
import { GRAPH_DETECTORS } from '../../checkpoint/registry.js';
import { MiningError } from '../../core/mining-error.js';
import type { Phrase } from '../../core/said.js';
import { boxFit, type TopBox } from '../../core/reports/box-fit.js';
import type { KeptGraphs } from './kept-graphs.js';
import type { Contract } from './readings.js';
import { labelledBy, type Sample } from './samples.js';

/** A way to read a checkpoint. */
export interface Reading {
  /** `as it is`, else what differs. */
  readonly name: string;
  readonly contract: Contract;
  readonly detector: Detector;
  /** Why it is not read as its contract says. */
  readonly problem?: Phrase;
  /** Mean best IoU of the objects with as many of the best boxes, [0, 1]; 0 without annotated images. */
  readonly fit: number;
  /** Its classes and the data set's meet: only boxes of the object's class counted. */
  readonly byClass: boolean;
  /** These boxes, for each sample. */
  readonly boxes: readonly (readonly TopBox[])[];
}

export const AS_IT_IS = 'as it is';

/** What is asked of readings. */
export interface Inspected {
  readonly files: ModelFiles<Detector>;
  readonly graphs: KeptGraphs;
  readonly samples: readonly Sample[];
}

/** @throws MiningError 'checkpoint' where the outputs contradict the contract. */
export async function measure(
  { files, graphs, samples }: Inspected,
  name: string,
  contract: Contract,
): Promise<Reading> {
  return measured(name, contract, await files.open(graphs.load, contract), samples);
}

/** null where the outputs contradict the contract. */
export async function tryReading(asked: Inspected, name: string, contract: Contract): Promise<Reading | null> {
  try {
    return await measure(asked, name, contract);
  } catch (error) {
    if (error instanceof MiningError && error.code === 'checkpoint') return null;
    throw error;
  }
}

/**
 * The checkpoint as it is; where nobody tells what its tensors are, the guess that fits best.
 * @throws MiningError of whichever part does not fit.
 */
export async function firstReading(asked: Inspected): Promise<Reading> {
  const { files, graphs, samples } = asked;
  const written = (await locateContract(files.path))?.contract ?? null;
  try {
    const detector = await files.open(graphs.load);
    return await measured(AS_IT_IS, { ...(detector.contract ?? written), family: detector.family }, detector, samples);
  } catch (error) {
    if (!(error instanceof MiningError) || error.hint.reason !== 'unknown-outputs') throw error;
    const best = await bestGuess(asked, written);
    if (best === null) throw error;
    return written === null ? best : { ...best, problem: error.said };
  }
}

/** Of all families where a contract had named another, and of the ways in which outputs may be boxes and scores. */
async function bestGuess(asked: Inspected, written: Readonly<Record<string, unknown>> | null): Promise<Reading | null> {
  const others = written === null ? [] : GRAPH_DETECTORS.filter((family) => family !== generic);
  const families = others.map(({ id }) => ({ name: id, contract: { family: id } }));
  let best: Reading | null = null;
  for (const { name, contract } of [...families, ...genericGuesses(asked.graphs.outputs)]) {
    const reading = await tryReading(asked, name, { ...sharedKeys(written ?? {}), ...contract });
    if (reading !== null && (best === null || worth(reading) > worth(best))) best = reading;
  }
  return best;
}

/** Without classes that meet, boxes meet objects more easily. */
const CLASSES_MEET = 0.05;

function worth({ fit, byClass }: Reading): number {
  return fit + (byClass ? CLASSES_MEET : 0);
}

async function measured(
  name: string,
  contract: Contract,
  detector: Detector,
  samples: readonly Sample[],
): Promise<Reading> {
  const fits = [];
  const labelled = samples.map((sample) => labelledBy(sample, detector));
  const byClass = labelled.every((sample) => sample.byClass);
  for (const { image, gts } of labelled) fits.push(boxFit(await detector.detect(image), gts, byClass));
  const sum = fits.reduce((total, fit) => total + fit.sum, 0);
  const count = fits.reduce((total, { numObjects }) => total + numObjects, 0);
  const fit = count === 0 ? 0 : sum / count;
  return { name, contract, detector, fit, byClass, boxes: fits.map(({ boxes }) => boxes) };
}
