import * as v from 'valibot';
import { DETECTING } from '../../core/triage/detections.js';
import { OBJECT_LAB } from '../../core/triage/label-quality.js';
import { SUSPICIONS } from '../../core/triage/label-suspects.js';
import { runSuspects, type RunSuspects, type SuspectRecord } from '../query/label-suspects.js';
import { agentTool, mostRows, oneOf } from './agent-tool.js';
import { chosenRun, runKey } from './known-runs.js';
import { short, shortBox } from './roi-facts.js';

const KINDS = SUSPICIONS.map(({ id }) => id);

const input = v.strictObject({
  run: v.exactOptional(runKey),
  kind: v.exactOptional(v.pipe(v.picklist(KINDS), v.description('Only suspects of this kind.'))),
  class: v.exactOptional(v.pipe(v.string(), v.description('Only what is labelled or, without a label, predicted so.'))),
  quantile: v.exactOptional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(1),
      v.description('A prediction is sure above this quantile of the scores, in place of .95: sigmoid heads are low.'),
    ),
  ),
  top: mostRows,
});
type Input = v.InferOutput<typeof input>;

export const listLabelSuspects = agentTool({
  name: 'list_label_suspects',
  title: 'List labels to check',
  description:
    'Labels of a mined run (*.ohem) that its predictions contradict, first the one to look at first: overlooked or ' +
    'missing (a sure prediction without a label), swapped or disagreement (another class), badly-located, duplicate. ' +
    'score: [0, 1], low is suspicious, comparable within a kind. Boxes: x1, y1, x2, y2 in image px. ' +
    'complete=false: the run is still growing or was cut; scores are provisional.',
  input,
  async answer(asked, runs) {
    const path = await chosenRun(asked.run, runs);
    const { quantile } = asked;
    const sure = {
      low: Math.min(OBJECT_LAB.low, quantile ?? 1),
      high: quantile ?? OBJECT_LAB.high,
      asQuantiles: quantile !== undefined,
    };
    return answerOf(path, await runSuspects(path, DETECTING, sure), asked);
  },
});

function answerOf(run: string, { suspects, sure, notes, extent, shortfall }: RunSuspects, asked: Input): object {
  const classOf = ({ label, predicted }: SuspectRecord) => label ?? predicted ?? '';
  const known = [...new Set(suspects.map(classOf))].sort();
  const wanted = asked.class === undefined ? null : oneOf('class', asked.class, known);
  const found = suspects.filter(
    (each) => (asked.kind ?? each.kind) === each.kind && (wanted ?? classOf(each)) === classOf(each),
  );
  return {
    run,
    ...extent,
    // Above which score a prediction was sure; null in classification.
    sure: sure === null ? null : short(sure.high),
    counts: Object.fromEntries(KINDS.map((id) => [id, suspects.filter(({ kind }) => kind === id).length])),
    notes,
    warnings: shortfall.lines,
    num_suspects: found.length,
    suspects: found.slice(0, asked.top).map(suspectFacts),
  };
}

/** `image`, `object` and `row` are what `explain_roi` takes. */
function suspectFacts(suspect: SuspectRecord): object {
  const { gt_index, gt_box, pred_box, row, other_gt_index } = suspect;
  return {
    image: suspect.image,
    image_index: suspect.image_index,
    kind: suspect.kind,
    score: short(suspect.score),
    label: suspect.label,
    predicted: suspect.predicted,
    ...(suspect.predicted_score !== null && { predicted_score: short(suspect.predicted_score) }),
    ...(gt_index !== null && { object: gt_index }),
    ...(gt_box !== null && { box: shortBox(gt_box) }),
    ...(row !== null && { row }),
    ...(pred_box !== null && { pred_box: shortBox(pred_box) }),
    ...(other_gt_index !== null && { other_object: other_gt_index }),
  };
}
