/** Entry of the training panel: the link to the host, what is known, the views. */
import { useComputed } from '@preact/signals';
import { render } from 'preact';
import { ChosenView } from './chosen-view.js';
import { ComparisonView } from './comparison-view.js';
import { CurveChart } from './curve-chart.js';
import { foregroundCurves, lossCurves, precisionCurves } from './curves.js';
import { PointsTable } from './points-table.js';
import './train.css';
import { TrainContext, useTraining, type TrainRoom } from './train-context.js';
import { TrainHead } from './train-head.js';
import { openTrainLink } from './train-link.js';
import { createTrainModel, receiveTraining } from './train-model.js';

const ALL: readonly [number, number] = [0, 1];

function TrainApp({ room }: { readonly room: TrainRoom }) {
  return (
    <TrainContext.Provider value={room}>
      <main class="train">
        <TrainHead />
        <Notice />
        <Curves />
        <ComparisonView />
        <ChosenView model={room.model} />
      </main>
    </TrainContext.Provider>
  );
}

function Curves() {
  const { model } = useTraining();
  const loss = useComputed(() => lossCurves(model.points.value)).value;
  const precision = useComputed(() => precisionCurves(model.points.value)).value;
  const foreground = useComputed(() => foregroundCurves(model.points.value)).value;
  const lastStep = model.points.value.at(-1)?.step ?? 0;
  const measured = model.facts.value?.validation ?? '';
  return (
    <>
      <div class="curves">
        <CurveChart
          title="Loss, nats"
          set={loss}
          lastStep={lastStep}
          empty="The first step is still to come."
          testId="loss-chart"
        />
        <CurveChart
          title="mAP"
          set={precision}
          lastStep={lastStep}
          range={ALL}
          empty={measured === '' ? 'This training measures none.' : 'It is measured after each epoch.'}
          testId="precision-chart"
        />
        <CurveChart
          title="Foreground among the chosen"
          set={foreground}
          lastStep={lastStep}
          range={ALL}
          empty="The first step is still to come."
          testId="foreground-chart"
        />
      </div>
      <PointsTable points={model.points.value} />
    </>
  );
}

function Notice() {
  const { model } = useTraining();
  if (model.notice.value === '') return null;
  return (
    <p class="failure" role="alert">
      {model.notice.value}{' '}
      <button type="button" class="text-button" onClick={() => (model.notice.value = '')}>
        Dismiss
      </button>
    </p>
  );
}

function start(root: HTMLElement): void {
  const link = openTrainLink();
  const model = createTrainModel();
  const room: TrainRoom = {
    model,
    link,
    act: (action) => link.post({ kind: 'action', action }),
    showFates(imageIndex) {
      model.fateImage.value = imageIndex;
      link.post({ kind: 'readFates', imageIndex });
    },
  };
  render(<TrainApp room={room} />, root);
  link.listen((message) => {
    receiveTraining(model, message);
    if (message.kind === 'training') link.remember(message.facts.out);
    // The image that changed most is the one to begin with.
    if (
      message.kind === 'comparison' &&
      model.fateImage.value === null &&
      message.comparison?.state === 'done' &&
      message.comparison.images.length > 0
    )
      room.showFates(message.comparison.images[0].imageIndex);
  });
  link.post({ kind: 'ready' });
}

const root = document.getElementById('root');
if (root !== null) start(root);
