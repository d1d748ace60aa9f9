/** The inspection of this process: begun by a call, kept for those that follow, ended with the process. */
import { MiningError } from '../core/mining-error.js';
import type { Params } from '../protocol/endpoint.js';
import type { InspectionState, SavedReading } from '../protocol/inspect-messages.js';
import type { WorkerApi, WorkerEvent } from '../protocol/worker-messages.js';
import { inspectionState } from '../run/inspect/inspection-facts.js';
import { Inspector } from '../run/inspect/inspector.js';

let session: Inspector | null = null;

/** Opens a checkpoint and tries its readings. @throws MiningError of whichever part does not fit. */
export async function inspect(
  options: Params<WorkerApi, 'inspect'>,
  emit: (event: WorkerEvent) => void,
): Promise<InspectionState> {
  await session?.dispose();
  session = null;
  session = await Inspector.open(options, (numDone, numTotal) => emit({ event: 'inspecting', numDone, numTotal }));
  return inspectionState(session);
}

/** Does something to the inspection; how it stands then. @throws MiningError 'options' where there is none. */
export async function atInspection(act: (inspector: Inspector) => Promise<void> | void): Promise<InspectionState> {
  const inspector = opened();
  await act(inspector);
  return inspectionState(inspector);
}

/** @throws MiningError 'options' where there is no inspection, or the contract cannot be written. */
export function saveReading(replace: boolean): Promise<SavedReading> {
  return opened().save(replace);
}

function opened(): Inspector {
  if (session !== null) return session;
  throw new MiningError('options', 'inspection', 'one that has begun', 'none');
}
