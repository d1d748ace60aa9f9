import type { TextFormat, ExportSource } from '../export-format.js';

/** One object: what the run says of itself, and `rois`, a line each. */
export const jsonExport: TextFormat = {
  id: 'json',
  title: 'JSON',
  holds: 'The same with what the run says of itself',
  extension: 'json',
  async *text(source, batches) {
    yield `${JSON.stringify(headOf(source)).slice(0, -1)},"rois":[`;
    let separator = '\n';
    for await (const { rows } of batches) {
      if (rows.length === 0) continue;
      yield separator + rows.map((row) => JSON.stringify(row)).join(',\n');
      separator = ',\n';
    }
    yield '\n]}\n';
  },
};

function headOf({ path, manifest, extent, mining, backgroundBelow }: ExportSource) {
  const { checkpoint, backend, dataset, measure, lossSource, classes } = manifest;
  const told = { loss_source: lossSource, checkpoint, backend, dataset, measure, classes, config: mining };
  return { run: path, ...extent, ...told, background_below: backgroundBelow };
}
