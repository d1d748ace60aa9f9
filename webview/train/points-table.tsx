import { useSignal } from '@preact/signals';
import type { TrainingPoint } from '../../src/protocol/train-messages.js';
import { curveValue } from './curves.js';
import { t } from '../words/t.js';

/** Rows of a table that a person still reads. */
const MAX_ROWS = 200;

const COLUMNS = [
  t('step'),
  t('epoch'),
  t('loss of selected'),
  t('loss of all RoIs'),
  t('selected of RoIs'),
  t('foreground'),
  t('mAP IoU .5'),
  t('mAP .5–.95'),
];

/** The curves' numbers, the latest first; made only where it is open. */
export function PointsTable({ points }: { readonly points: readonly TrainingPoint[] }) {
  const isOpen = useSignal(false);
  if (points.length === 0) return null;
  return (
    <details class="points" data-testid="points-table" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{t('The curves as a table')}</summary>
      {isOpen.value && <Rows rows={tableRows(points)} />}
    </details>
  );
}

function Rows({ rows }: { readonly rows: readonly (readonly string[])[] }) {
  return (
    <>
      <table>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_ROWS).map((cells) => (
            <tr key={cells[0]}>
              <th scope="row">{cells[0]}</th>
              {cells.slice(1).map((cell, i) => (
                <td key={i}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_ROWS && (
        <p class="quiet">{t('{0} earlier rows are in log.jsonl of the training’s folder.', rows.length - MAX_ROWS)}</p>
      )}
    </>
  );
}

/** One row a step that has a point, latest first; an epoch's average precision stands with its step. */
export function tableRows(points: readonly TrainingPoint[]): string[][] {
  const byStep = new Map<number, TrainingPoint[]>();
  for (const point of points) byStep.set(point.step, [...(byStep.get(point.step) ?? []), point]);
  return [...byStep].reverse().map(([step, same]) => {
    const steps = same.find((point) => point.event === 'steps');
    const validation = same.find((point) => point.event === 'epoch')?.validation;
    const chosen =
      steps === undefined ? '–' : t('{0} of {1}', Math.round(steps.numSelected), Math.round(steps.numRois));
    return [
      String(step),
      same[0]?.epoch.toFixed(2) ?? '–',
      curveValue('selectedLoss', steps?.selectedLoss),
      curveValue('allRoiLoss', steps?.allRoiLoss),
      chosen,
      curveValue('foreground', steps?.foregroundShare),
      curveValue('coco50', validation?.coco50),
      curveValue('coco', validation?.coco),
    ];
  });
}
