/** What the engine process answers about checkpoints that are compared; it keeps the comparison between the calls. */
import type { Served } from '../protocol/endpoint.js';
import type { WorkerApi, WorkerEvent } from '../protocol/worker-messages.js';
import { CheckpointShelf } from '../run/query/checkpoint-shelf.js';

type Answers = Pick<
  Served<WorkerApi>,
  'checkpointsRead' | 'checkpointsQuery' | 'checkpointsPage' | 'checkpointsExample'
>;

/** @param emit events on the way. */
export function checkpointAnswers(emit: (event: WorkerEvent) => void): Answers {
  const shelf = new CheckpointShelf();
  return {
    async checkpointsRead({ paths, again }, signal) {
      await shelf.read(paths, again, { tell: (progress) => emit({ event: 'checkpoints', progress }), signal });
      return {};
    },
    checkpointsQuery: ({ paths, query }) => shelf.query(paths, query),
    checkpointsPage: ({ paths, page }) => shelf.page(paths, page),
    checkpointsExample: ({ paths, key }) => shelf.example(paths, key),
  };
}
