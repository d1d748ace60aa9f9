/** What a run says about the objects of an annotation file, at their places in its text: for lenses and problems. */
import { stat } from 'node:fs/promises';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { backgroundBelowOf } from '../../core/predictions.js';
import { DETECTING } from '../../core/triage/detections.js';
import { OBJECT_LAB } from '../../core/triage/label-quality.js';
import { annotationRanges } from '../../dataset/registry.js';
import type { AnnotationMark, LabelSuspectMark } from '../../protocol/worker-messages.js';
import { decideRun, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { runSuspects } from './label-suspects.js';
import { objectLosses } from './object-losses.js';
import { roiRecord, selectedRanks } from './selected-rois.js';

/** A file has so many marks, the hardest: more would hide what stands under them. */
const MAX_MARKS = 200;
/** In all files of a run. */
const MAX_SUSPECTS = 500;

/** Marks at the objects of `file` with which a selected RoI was matched, hardest first. */
export interface FileMarks {
  readonly marks: readonly AnnotationMark[];
  /** The file was written after the run, or is gone: its objects may stand elsewhere, and nothing is marked. */
  readonly isNewer: boolean;
}

/**
 * @throws MiningError 'run-file', or 'dataset' where the file cannot be read.
 * Cost: reads the minibatches with images of this file; the text once a mark.
 */
export function annotationMarks(
  runPath: string,
  file: string,
  given: { readonly mining: MiningConfig; readonly backgroundBelow: number },
): Promise<FileMarks> {
  return withRun(runPath, async (run) => {
    if (await isNewer(run, file)) return { marks: [], isNewer: true };
    const { classes, task, dataset } = run.manifest;
    const wording = { classes, backgroundBelow: backgroundBelowOf(task, given.backgroundBelow) };
    const found: { readonly annotation: number; readonly mark: Omit<AnnotationMark, 'range'> }[] = [];
    const isOfFile = Uint8Array.from(run.images.texts('annotationPath'), (path) => (path === file ? 1 : 0));
    const isWanted = (first: number, end: number) => isOfFile.subarray(first, end).includes(1);
    for await (const batch of decideRun(run, given.mining, { isWanted })) {
      const rows = Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, wording));
      for (const [i, { gts, summary }] of batch.images.entries()) {
        if (summary.annotationPath !== file) continue;
        const own = rows.filter(({ image_index }) => image_index === batch.firstImage + i);
        for (const { annotation, hardest } of objectLosses(gts, own)) {
          if (annotation === null || hardest === null || hardest.loss === null) continue;
          const { rank, row, loss, label, predicted, image_index: imageIndex } = hardest;
          found.push({ annotation, mark: { imageIndex, row, loss, rank, numSelected: rows.length, label, predicted } });
        }
      }
    }
    const marked = found.sort((a, b) => b.mark.loss - a.mark.loss).slice(0, MAX_MARKS);
    const indices = marked.map(({ annotation }) => annotation);
    const ranges = await annotationRanges(dataset.kind, file, indices);
    const marks = marked.flatMap(({ mark }, i) => {
      const range = ranges[i] ?? null;
      return range === null ? [] : [{ ...mark, range }];
    });
    return { marks, isNewer: false };
  });
}

/**
 * Labels of a run to check that have a line in an annotation file, the first MAX_SUSPECTS of "Check the label"; files
 * that were written after the run, or are gone, are left out.
 * @throws MiningError as `runSuspects`.
 * Cost: as `runSuspects`, and the text once a suspect.
 */
export async function suspectMarks(runPath: string): Promise<readonly LabelSuspectMark[]> {
  const { suspects } = await runSuspects(runPath, DETECTING, { ...OBJECT_LAB, asQuantiles: false });
  const listed = suspects.slice(0, MAX_SUSPECTS).filter(({ annotation }) => annotation !== null);
  return withRun(runPath, async (run) => {
    const marks: LabelSuspectMark[] = [];
    for (const file of new Set(listed.map((suspect) => suspect.annotation_path))) {
      if (file === '' || (await isNewer(run, file))) continue;
      const own = listed.filter((suspect) => suspect.annotation_path === file);
      const places = own.map(({ annotation }) => annotation ?? 0);
      const ranges = await annotationRanges(run.manifest.dataset.kind, file, places);
      own.forEach(({ kind, label, predicted, predicted_score: score }, i) => {
        const range = ranges[i] ?? null;
        if (range !== null) marks.push({ file, range, kind, label, predicted, score });
      });
    }
    return marks;
  });
}

/** Was a file written after its run, or after images of that were last mined anew, or is it gone? */
async function isNewer({ manifest: { createdAt, remined } }: RunReader, file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
  return mtimeMs > Date.parse(remined?.at(-1)?.at ?? createdAt);
}
