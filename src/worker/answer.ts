/** What the engine process answers: each method of `WorkerApi` by the rooms that can. */
import { contractNames } from '../checkpoint/files/locate.js';
import { writeContract } from '../checkpoint/files/write-contract.js';
import { DETECTORS } from '../checkpoint/registry.js';
import { defaultConfig } from '../core/mining/select.js';
import { decodeImage, encodePng } from '../dataset/pixels/decode-image.js';
import { annotationPlace, splitsOf, untoldOrigin } from '../dataset/registry.js';
import { probeBackends } from '../engine/registry.js';
import { checkedApi } from '../protocol/check.js';
import type { Served } from '../protocol/endpoint.js';
import type { WorkerApi, WorkerEvent } from '../protocol/worker-messages.js';
import { WORKER_REQUESTS } from '../protocol/worker-requests.js';
import { askAgentTool } from '../run/agents/registry.js';
import { adviseRun } from '../run/query/advise-run.js';
import { compareBefore, fatesOnImage } from '../run/query/compare-before.js';
import { annotationMarks, suspectMarks } from '../run/query/annotation-marks.js';
import { changedOnDisk } from '../run/query/changed-since.js';
import { checkRun, salvageRun } from '../run/query/check-run.js';
import { compareRun } from '../run/query/compare-run.js';
import { exportSelection, selectionText } from '../run/export/export-selection.js';
import { EXPORT_FORMATS } from '../run/export/registry.js';
import { importDump } from '../run/dump/import-dump.js';
import { GalleryShelf, type GalleryWatch } from '../run/gallery/open-gallery.js';
import { dumpImages } from '../run/dump/dump-images.js';
import { dumpAt, findInputs } from '../run/find/find-inputs.js';
import { followShards } from '../run/mine/follow-shards.js';
import { mineRun } from '../run/mine/mine-run.js';
import { packColumns } from '../arrow/mined-columns.js';
import { minedColumns } from '../run/query/summarise-run.js';
import { gainOnImage, imageGains } from '../run/train/image-gains.js';
import { trainable } from '../run/train/trainable.js';
import { checkpointAnswers } from './checkpoint-answers.js';
import { atInspection, inspect, saveReading } from './inspect-session.js';
import { train } from './train-session.js';

/**
 * The calls of the host, their parameters checked.
 * @param emit events on the way.
 * @param threadEntry what `mineRun` takes.
 */
export function workerAnswers(emit: (event: WorkerEvent) => void, threadEntry: URL): Served<WorkerApi> {
  return checkedApi<WorkerApi>(WORKER_REQUESTS, {
    ...writingAnswers(emit, threadEntry),
    train: (request, signal) => train(request, emit, signal),
    ...TRAINED,
    backends: async ({ refresh }) => ({ verdicts: await probeBackends({ refresh: refresh === true }) }),
    summarise: async ({ runPath, mining }) => packColumns(await minedColumns(runPath, mining)),
    compareRun: ({ runPath, a, b }) => compareRun(runPath, a, b),
    ...galleryAnswers(emit),
    ...checkpointAnswers(emit),
    adviseRun: async ({ runPath, mining, most }) => ({ facts: (await adviseRun(runPath, mining, most)).facts }),
    checkRun: ({ runPath }) => checkRun(runPath),
    changedOnDisk: ({ runPath }) => changedOnDisk(runPath),
    salvage: ({ runPath, ...target }) => salvageRun(runPath, target),
    recipes: () => ({
      recipes: DETECTORS.map(({ id, title, measureDefaults }) => ({ family: id, title, measure: measureDefaults })),
    }),
    exportFormats: () => ({ formats: EXPORT_FORMATS.map(({ id, title, extension }) => ({ id, title, extension })) }),
    async exportSelection({ runPath, outPath, force, format, ...choice }) {
      const out = { path: outPath, force, link: false };
      const { numRows, shortfall } = await exportSelection(runPath, choice, out, format);
      for (const line of shortfall.lines) emit({ event: 'log', level: 'warning', text: line });
      return { numRows };
    },
    async exportText({ runPath, format, ...choice }) {
      const { numRows, shortfall, text } = await selectionText(runPath, choice, format);
      for (const line of shortfall.lines) emit({ event: 'log', level: 'warning', text: line });
      return { numRows, text };
    },
    findInputs: ({ roots }) => findInputs(roots),
    dumpImages: ({ path, images }) => dumpImages(path, images),
    dumpAt: async ({ path }) => ({ dump: await dumpAt(path) }),
    untoldOrigin: async ({ path, split }) => ({ origin: await untoldOrigin(path, split) }),
    splitsOf: async ({ path }) => ({ splits: await splitsOf(path) }),
    contractNames: ({ path }) => contractNames(path),
    keepClassMap: async ({ checkpoint, ...keys }) => ({ path: await writeContract(checkpoint, keys) }),
    inspect: (options) => inspect(options, emit),
    takeReading: ({ reading }) => atInspection((inspector) => inspector.take(reading)),
    repairReading: ({ id, choice }) => atInspection((inspector) => inspector.repair(id, choice)),
    saveReading: ({ replace }) => saveReading(replace),
    async askAgentTool({ name, input, root, paths }) {
      const answer = await askAgentTool(name, input, { root, list: () => Promise.resolve(paths) });
      return { answer: JSON.stringify(answer) };
    },
    annotationPlace: async ({ format, path, index }) => ({ place: await annotationPlace(format, path, index) }),
    annotationMarks: ({ runPath, file, ...given }) => annotationMarks(runPath, file, given),
    suspectMarks: async ({ runPath }) => ({ marks: await suspectMarks(runPath) }),
    toPng: ({ path, outPath }) => toPng(path, outPath),
  });
}

/** About what can be trained, and what a training has changed. */
const TRAINED: Pick<
  Served<WorkerApi>,
  'trainableFolder' | 'compareBefore' | 'fatesOnImage' | 'trainingGains' | 'gainOnImage'
> = {
  trainableFolder: async ({ path }) => ({ folder: (await trainable(path)).folder }),
  compareBefore: ({ before, after }) => compareBefore(before, after),
  fatesOnImage: ({ before, after, imageIndex }) => fatesOnImage(before, after, imageIndex),
  trainingGains: ({ out }) => imageGains(out),
  gainOnImage: ({ out, id }) => gainOnImage(out, id),
};

/** What writes a run that grows. */
function writingAnswers(
  emit: (event: WorkerEvent) => void,
  threadEntry: URL,
): Pick<Served<WorkerApi>, 'mine' | 'importDump' | 'followShards'> {
  return {
    async mine(options, signal) {
      const { isGuess, remined } = await mineRun(options, emit, signal, threadEntry);
      return { outPath: options.outPath, ...(isGuess === true ? { isGuess } : {}), ...(remined && { remined }) };
    },
    async importDump({ mining, ...options }, signal) {
      await importDump({ ...options, miningOf: (task) => mining ?? defaultConfig(task) }, emit, signal);
      return { outPath: options.outPath };
    },
    async followShards(options, signal) {
      await followShards(options, emit, signal);
      return { outPath: options.outPath };
    },
  };
}

/** Of the run that was asked about last, which stays in memory. */
function galleryAnswers(emit: (event: WorkerEvent) => void): Pick<Served<WorkerApi>, 'galleryQuery' | 'galleryPage'> {
  const shelf = new GalleryShelf();
  const watch: GalleryWatch = {
    tell: (progress) => emit({ event: 'gallery', progress }),
    warn: (text) => emit({ event: 'log', level: 'warning', text }),
  };
  return {
    async galleryQuery({ query, besideOf, moves, ...source }, signal) {
      return (await shelf.open(source, { ...query, besideOf, moves }, watch, signal)).query(query);
    },
    async galleryPage({ page, besideOf, moves, ...source }, signal) {
      return (await shelf.latest(source, { ...page.query, besideOf, moves }, watch, signal)).page(page);
    },
  };
}

async function toPng(path: string, outPath: string): Promise<Record<string, never>> {
  await encodePng(await decodeImage(path), outPath);
  return {};
}
