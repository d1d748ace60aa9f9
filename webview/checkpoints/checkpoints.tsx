/** Entry of the comparison of checkpoints: the link to the host, what is known, the views. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { CheckpointHost, CheckpointView } from '../../src/protocol/checkpoint-messages.js';
import { openHostLink } from '../link/host-link.js';
import { messageOf } from '../words/message-of.js';
import { followQuestions, progressTaker, readRuns } from './ask-host.js';
import { ChangeFilter } from './change-filter.js';
import { checkpointActions, CheckpointContext, useCheckpoints, type CheckpointRoom } from './checkpoint-room.js';
import { createCheckpointModel, setFault, stateOf } from './checkpoint-model.js';
import { ExampleList } from './example-list.js';
import { ScatterChart } from './scatter-chart.js';
import { SideBySide } from './side-by-side.js';
import { Messages, Toolbar } from './toolbar.js';
import './checkpoints.css';

function CheckpointApp({ room }: { readonly room: CheckpointRoom }) {
  return (
    <CheckpointContext.Provider value={room}>
      <main class="checkpoints" data-read={room.model.reading.value === null} data-testid="checkpoints">
        <Toolbar />
        <Messages />
        <div class="checkpoint-columns">
          <div class="checkpoint-side">
            <ScatterChart />
            <ChangeFilter />
          </div>
          <div class="checkpoint-main">
            <SideBySide />
            <ExampleList />
          </div>
        </div>
        <Announcer />
      </main>
    </CheckpointContext.Provider>
  );
}

function Announcer() {
  const { model } = useCheckpoints();
  return (
    <p class="visually-hidden" role="status" data-testid="announcer">
      {model.spoken.value}
    </p>
  );
}

function start(root: HTMLElement): void {
  const link = openHostLink();
  const model = createCheckpointModel(link.saved());
  effect(() => {
    const state = stateOf(model);
    if (state !== null) link.save(state);
  });
  const host = link.connect<CheckpointView, CheckpointHost>(
    {
      runs(runs) {
        model.runs.value = runs;
        void readRuns(model, host, false);
      },
      progress: progressTaker(model),
      news: ({ news }) => void (model.news.value = news),
      picturesChanged: () => void model.picturesStale.value++,
      notice: ({ text }) => setFault(model, 'notice', text),
    },
    (error) => setFault(model, 'notice', messageOf(error)),
  );
  followQuestions(model, host);
  render(<CheckpointApp room={{ model, actions: checkpointActions(model, host) }} />, root);
  host.tell('ready', {});
}

const root = document.getElementById('root');
if (root !== null) start(root);
