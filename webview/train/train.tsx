/** Entry of the training panel: the link to the host, what is known, the views. */
import { useComputed } from '@preact/signals';
import { render } from 'preact';
import type { TrainingHost, TrainingView } from '../../src/protocol/train-messages.js';
import { openHostLink } from '../link/host-link.js';
import { messageOf } from '../words/message-of.js';
import { ChosenView } from './chosen-view.js';
import { ComparisonView } from './comparison-view.js';
import { CurveChart } from './curve-chart.js';
import { foregroundCurves, lossCurves, precisionCurves } from './curves.js';
import { GainsView } from './gains-view.js';
import { PointsTable } from './points-table.js';
import './train.css';
import { TrainContext, useTraining, type TrainRoom } from './train-context.js';
import { TrainHead } from './train-head.js';
import { createTrainModel, showFates, showGain, trainingReceiver } from './train-model.js';
import { t } from '../words/t.js';

const ALL: readonly [number, number] = [0, 1];

function TrainApp({ room }: { readonly room: TrainRoom }) {
  return (
    <TrainContext.Provider value={room}>
      <main class="train">
        <TrainHead />
        <Notice />
        <Curves />
        <GainsView />
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
          title={t('Loss, nats')}
          term="nats"
          set={loss}
          lastStep={lastStep}
          empty={t('The first step is still to come.')}
          testId="loss-chart"
        />
        <CurveChart
          title={t('mAP')}
          term="mAP"
          set={precision}
          lastStep={lastStep}
          range={ALL}
          empty={measured === '' ? t('This training measures none.') : t('It is measured after each epoch.')}
          testId="precision-chart"
        />
        <CurveChart
          title={t('Foreground among the chosen')}
          term="foreground"
          set={foreground}
          lastStep={lastStep}
          range={ALL}
          empty={t('The first step is still to come.')}
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
        {t('Dismiss')}
      </button>
    </p>
  );
}

function start(root: HTMLElement): void {
  const link = openHostLink();
  const model = createTrainModel();
  const fault = (error: unknown) => (model.notice.value = messageOf(error));
  const receive = trainingReceiver(model);
  const host = link.connect<TrainingView, TrainingHost>(
    {
      ...receive,
      training(params) {
        // What brings the panel back after a reload.
        link.save({ out: params.facts.out });
        receive.training(params);
      },
      gains(params) {
        receive.gains(params);
        // What is looked at has moved, too.
        if (model.gainImage.value !== null) room.showGain(model.gainImage.value);
      },
      comparison(params) {
        receive.comparison(params);
        const [first] = params.comparison?.state === 'done' ? params.comparison.images : [];
        // The image that changed most is the one to begin with.
        if (first !== undefined && model.fateImage.value === null) room.showFates(first.imageIndex);
      },
    },
    fault,
  );
  const room: TrainRoom = {
    model,
    host,
    act: (action) => host.tell('act', { action }),
    showFates: (imageIndex) => void showFates(model, host, imageIndex).catch(fault),
    showGain: (id) => void showGain(model, host, id).catch(fault),
  };
  render(<TrainApp room={room} />, root);
  host.tell('ready', {});
}

const root = document.getElementById('root');
if (root !== null) start(root);
