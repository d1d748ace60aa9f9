import { csvText } from '../../query/csv-text.js';
import { ROI_RECORD_FIELDS } from '../../query/selected-rois.js';
import type { TextFormat } from '../export-format.js';

/** One line a RoI under a line of names (RFC 4180). */
export const csvExport: TextFormat = {
  id: 'csv',
  title: 'CSV',
  holds: 'Every selected RoI, hardest first in its minibatch',
  extension: 'csv',
  async *text(_source, batches) {
    yield csvText(ROI_RECORD_FIELDS, []);
    for await (const { rows } of batches) yield csvText(ROI_RECORD_FIELDS, rows, false);
  },
};
