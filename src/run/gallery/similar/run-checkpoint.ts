/** The checkpoint of a run, opened once more for its features. */
import { openModel } from '../../../checkpoint/open-model.js';
import type { FeatureSource } from '../../../checkpoint/detector.js';
import { MiningError } from '../../../core/mining-error.js';
import { minedFrom } from '../../../protocol/mining-requests.js';
import type { RunReader } from '../../file/run-store.js';
import { openInputs } from '../../mine/mine-inputs.js';
import { startWatchdog, TIME_LIMIT_S } from '../../mine/watchdog.js';

/** SHA-256 of the files of a run's checkpoint as they are now; where they are gone, as they were. */
export async function hashNow({ manifest: { checkpoint, task } }: RunReader): Promise<string> {
  if (checkpoint === null) return '';
  return openModel(checkpoint.path, task).then(
    ({ sha256 }) => sha256,
    () => checkpoint.sha256,
  );
}

/** What has been seen is of two checkpoints, and counts for neither. */
export function changedCheckpoint({ manifest: { checkpoint } }: RunReader): MiningError {
  return new MiningError('checkpoint', 'features', 'one checkpoint', 'files that changed while it was looked at', {
    ...(checkpoint !== null && { file: checkpoint.path }),
    todo: 'Try again',
  });
}

/**
 * @param sha256 as `hashNow` told it before.
 * @param use looks at images with it. A backend that is silent for TIME_LIMIT_S ends the process.
 * @throws MiningError 'run-file' of a run without a checkpoint, 'checkpoint' where nothing names the features or the
 * checkpoint has changed since, and as `openInputs`.
 * Cost: opens data set and checkpoint.
 */
export async function withFeatures<T>(
  run: RunReader,
  sha256: string,
  use: (source: FeatureSource) => Promise<T>,
): Promise<T> {
  const { manifest, path } = run;
  if (manifest.checkpoint === null || manifest.lossSource === 'predictions') {
    const todo = 'Mine the data set with a checkpoint, whose features can be asked';
    const received = manifest.checkpoint === null ? 'imported losses' : 'imported detections';
    throw new MiningError('run-file', 'features', 'a run of a checkpoint', received, { file: path, todo });
  }
  const watchdog = startWatchdog(TIME_LIMIT_S, 'opening the checkpoint and the data set');
  try {
    const options = { ...minedFrom(run), resume: true };
    const inputs = await openInputs(options, watchdog);
    try {
      if (inputs.manifest.checkpoint?.sha256 !== sha256) throw changedCheckpoint(run);
      const model = 'classifier' in inputs ? inputs.classifier : 'detector' in inputs ? inputs.detector : null;
      if (model === null) throw new TypeError('a run of a checkpoint has one');
      const source = await model.features();
      return await use(source).finally(() => source.dispose());
    } finally {
      await inputs.dispose();
    }
  } finally {
    watchdog.stop();
  }
}
