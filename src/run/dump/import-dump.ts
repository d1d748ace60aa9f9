/** A RoI dump, losses that a training run wrote, into the run file that mining writes: image by image, no model. */
import path from 'node:path';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { MiningError } from '../../core/mining-error.js';
import { inWords, said, type Phrase } from '../../core/said.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { Task } from '../../core/tables.js';
import { DEFAULT_KEEP_ROIS, runFormat } from '../../core/facts/run-manifest.js';
import type { Dump } from '../../dataset/dump/dump.js';
import { openDump } from '../../dataset/dump/open-dump.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { readDumpFileFacts, readHeaderFacts, type DumpFileFacts } from './dump-file-facts.js';
import { importImage } from './import-image.js';
import type { ImportedImage } from './import-image.js';
import type { MineResult } from '../mine/mine-run.js';
import { RunAppender } from '../file/run-appender.js';
import { RunOutput } from '../file/run-output.js';
import { WRITTEN_BY } from '../file/written-by.js';

export interface ImportOptions {
  readonly dumpPath: string;
  /** Folder that image names are relative to; null: the dump's own. */
  readonly images: string | null;
  readonly outPath: string;
  /** The configuration of the run's summaries, by the dump's task. */
  readonly miningOf: (task: Task) => MiningConfig;
  /** As of `mineRun`. */
  readonly keepRois?: number | null;
  /** Replace an `outPath` that exists. */
  readonly force?: boolean;
  /** Go on with the run at `outPath`, or with the one that was to replace it. */
  readonly resume?: boolean;
  /** Go on reading while a training writes; stopping is then its end. */
  readonly follow?: boolean;
  /** What the arrays of an NPZ may inflate to, bytes; default 1 GiB. */
  readonly maxInflated?: number;
}

/**
 * Imports a dump into `options.outPath`, in float64 and in the dump's order; one minibatch is in memory (of NPZ, the
 * arrays). An image that the dump names again gets ` (2)` behind its id.
 * @param emit as of `mineRun`.
 * @param signal stops after the image that is being read; the file is finished. Of a dump that is followed, all that
 * has been written is read first.
 * @throws MiningError 'dump' at the first image that is wrong: what is in the file stays, without its end; 'run-file'
 * where a run that is to be resumed is of another dump, image folder or configuration.
 */
export async function importDump(
  options: ImportOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<MineResult> {
  const dumpPath = path.resolve(options.dumpPath);
  const place = {
    outPath: path.resolve(options.outPath),
    force: options.force === true,
    resume: options.resume === true,
  };
  const output = await RunOutput.claim({ ...place, inputs: [dumpPath] });
  try {
    return await importInto(output, dumpPath, options, emit, signal);
  } finally {
    output.release();
  }
}

async function importInto(
  output: RunOutput,
  dumpPath: string,
  options: ImportOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<MineResult> {
  const follow = options.follow === true ? (signal ?? new AbortController().signal) : undefined;
  const { maxInflated } = options;
  const dump = await openDump(dumpPath, {
    ...(maxInflated !== undefined && { maxInflated }),
    ...(follow && { follow }),
  });
  const imageRoot = options.images === null ? path.dirname(dumpPath) : path.resolve(options.images);
  const mining = options.miningOf(dump.header.task);
  const images = dump.images[Symbol.asyncIterator]();
  const read = async () => {
    const next = await images.next();
    return next.done === true ? null : importImage(dump, next.value, imageRoot, mining.sigma);
  };
  const first = await read();
  if (first === null) throw new MiningError('dump', 'images', 'at least one image', 'none', { file: dumpPath });
  const facts = follow === undefined ? await readDumpFileFacts(dumpPath) : await readHeaderFacts(dumpPath);
  const begun = options.resume === true ? await output.manifest() : null;
  const { keepRois = begun === null ? DEFAULT_KEEP_ROIS : (begun.keepRois ?? null) } = options;
  const manifest = manifestOf(dump, facts, imageRoot, mining, first, keepRois);
  const out = new RunAppender(output, manifest, manifest.dataset.numImages, emit);
  const unique = uniqueIds();
  try {
    const done = options.resume === true ? await out.resume() : new Set();
    out.tell('running');
    for (let next: ImportedImage | null = first; next !== null; next = await read()) {
      if (follow === undefined && signal?.aborted === true) break;
      const id = unique(next.image.summary.id);
      if (!done.has(id)) await out.add({ ...next.image, summary: { ...next.image.summary, id } });
    }
    const state = follow === undefined && signal?.aborted === true ? 'stopped' : 'done';
    await out.finish(state);
    return { state, numDone: out.numDone, numFailed: 0, numWithoutLoss: out.numWithoutLoss };
  } catch (error) {
    await out.fail(error);
    throw error;
  } finally {
    await images.return?.();
    await out.close();
  }
}

function manifestOf(
  { path: file, header, numImages }: Dump,
  { sha256, numLines }: DumpFileFacts,
  imageRoot: string,
  mining: MiningConfig,
  first: ImportedImage,
  keepRois: number | null,
): RunManifest {
  return {
    ...runFormat(header.task, keepRois),
    task: header.task,
    createdAt: new Date().toISOString(),
    writtenBy: WRITTEN_BY,
    precision: 'float64',
    classes: header.classes,
    lossSource: 'training',
    checkpoint: null,
    backend: null,
    // A header stands before the lines of JSON.
    dataset: { kind: 'dump', path: file, imageRoot, split: null, numImages: numImages ?? numLines - 1, sha256 },
    measure: null,
    mining,
    notes: notesOf(header.task, first).map((note) => inWords(note)),
  };
}

/** Of the first image: a training script writes all of them alike. */
function notesOf(task: RunManifest['task'], { image, given, hasBoxLoss, hasOverlaps }: ImportedImage): Phrase[] {
  const notes: Phrase[] = [
    given.lossCls === null ? said`class losses from the logits` : said`class losses as the dump gives them`,
  ];
  if (image.summary.path === '')
    notes.push(said`no image file at ${given.image}: give the folder of the images to see them`);
  if (task === 'classification') return notes;
  if (!hasBoxLoss) notes.push(said`no loc_pred, loc_target or loss_loc: the box loss is 0`);
  if (!hasOverlaps) notes.push(said`no iou or gt: every overlap counts as 0`);
  if (given.gts !== null && given.matchedGt === null)
    notes.push(said`no matched_gt: foreground RoIs are shown with the object of their class that they overlap most`);
  return notes;
}

/** Makes ids unique: a dump of several epochs names its images again and again. */
function uniqueIds(): (id: string) => string {
  const counts = new Map<string, number>();
  const made = new Set<string>();
  return (id) => {
    for (;;) {
      const count = (counts.get(id) ?? 0) + 1;
      counts.set(id, count);
      const unique = count === 1 ? id : `${id} (${count})`;
      // A file may be called as the second look at another.
      if (made.has(unique)) continue;
      made.add(unique);
      return unique;
    }
  };
}
