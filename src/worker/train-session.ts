/** The training of this process: begun by a call, ended by its signal, or when nobody is left to watch it. */
import type { ChosenBatch } from '../protocol/train-messages.js';
import type { Params, Result } from '../protocol/endpoint.js';
import type { WorkerApi, WorkerEvent } from '../protocol/worker-messages.js';

/** A minibatch is told of this often at most, ms: no eye follows more. */
const CHOSEN_MS = 400;
/** A step that takes longer is given up when nobody waits for it, ms; what was saved after the last epoch stays. */
const LEAVE_MS = 120_000;

interface Session {
  readonly leave: AbortController;
  readonly done: Promise<unknown>;
  /** A step has begun: there is something to save. */
  hasSteps: boolean;
}
let session: Session | null = null;

/**
 * The process is to go: ends the training after the step that runs. Waits neither for what has not begun nor for ever.
 */
export async function leaveTraining(): Promise<void> {
  if (session?.hasSteps !== true) return;
  session.leave.abort();
  const ended = session.done.catch(() => undefined);
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
}

/**
 * Trains; the answer comes when it has ended or was stopped.
 * @param signal stops it after the step that runs.
 * @throws MiningError whatever is wrong with the configuration; 'options' where another process trains in the folder.
 */
export async function train(
  request: Params<WorkerApi, 'train'>,
  emit: (event: WorkerEvent) => void,
  signal: AbortSignal,
): Promise<Result<WorkerApi, 'train'>> {
  const leave = new AbortController();
  const done = runTraining(request, emit, AbortSignal.any([signal, leave.signal]));
  session = { leave, done, hasSteps: false };
  try {
    return await done;
  } finally {
    session = null;
  }
}

async function runTraining(
  { config, file, resume, force }: Params<WorkerApi, 'train'>,
  emit: (event: WorkerEvent) => void,
  signal: AbortSignal,
): Promise<Result<WorkerApi, 'train'>> {
  // TensorFlow.js is loaded by those who train.
  const [{ checkTrainConfig }, { trainRun }] = await Promise.all([
    import('../run/train/train-config.js'),
    import('../run/train/train-run.js'),
  ]);
  const checked = checkTrainConfig(config, file);
  const show = throttled((batch) => emit({ event: 'chosen', batch }));
  const chosen = (batch: ChosenBatch) => {
    if (session !== null) session.hasSteps = true;
    show(batch);
  };
  return trainRun(
    checked,
    { resume, force },
    {
      tell: (point) => emit({ event: 'training', point }),
      say: (text) => emit({ event: 'log', level: 'info', text }),
      chosen,
    },
    signal,
  );
}

function throttled(tell: (batch: ChosenBatch) => void): (batch: ChosenBatch) => void {
  let toldAt = -Infinity;
  return (batch) => {
    if (performance.now() - toldAt < CHOSEN_MS) return;
    toldAt = performance.now();
    tell(batch);
  };
}
