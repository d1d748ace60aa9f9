import { MiningError, show } from '../../core/mining-error.js';
import { csvExport } from './csv.js';
import type { ExportFormat } from './export-format.js';
import { jsonExport } from './json.js';

/** The first is taken where nothing is said. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [csvExport, jsonExport];

/** @throws MiningError 'options' for an id that is none. */
export function exportFormat(id: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.id === id);
  if (format !== undefined) return format;
  throw new MiningError('options', 'format', `one of ${EXPORT_FORMATS.map((each) => each.id).join(', ')}`, show(id));
}
