/** What the server answers about made-up checkpoints: the table of the engine process. */
import type { CheckpointPage, CheckpointQuery } from '../../src/protocol/checkpoint-messages.js';
import { CheckpointTable } from '../../src/run/query/checkpoint-table.js';
import { syntheticLooks } from './synthetic-looks.js';

interface Question {
  /** Images that are read. */
  readonly numImages: number;
  readonly query?: CheckpointQuery;
  readonly page?: CheckpointPage;
  readonly example?: { readonly image: string; readonly gt: number };
}

const ALL: CheckpointQuery = {
  ...{ a: null, b: null, highLoss: null, changes: [], label: null, area: null },
  sort: 'moved',
};
const tables = new Map<number, CheckpointTable>();

export function answerCheckpoints({ numImages, query, page, example }: Question): object {
  const table = tables.get(numImages) ?? new CheckpointTable(syntheticLooks(numImages));
  tables.set(numImages, table);
  const { classes, isDetection, numLooks } = table.looks;
  if (page !== undefined) return table.page(page.query, page.first, page.most);
  if (query !== undefined) return { classes, isDetection, numLooks, ...table.query(query) };
  const row = table.page(ALL, 0, numImages * 8).find(({ image, gt }) => image === example?.image && gt === example.gt);
  return { row };
}
