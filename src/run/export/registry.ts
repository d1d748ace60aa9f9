import { MiningError, show } from '../../core/mining-error.js';
import { csvExport } from './csv.js';
import type { ExportFormat } from './export-format.js';
import { cocoExport } from './coco.js';
import { cvatExport } from './cvat.js';
import { htmlExport } from './html.js';
import { imageListExport } from './image-list.js';
import { imageWeightsExport } from './image-weights.js';
import { jsonExport } from './json.js';
import { labelStudioExport } from './label-studio.js';
import { objectsExport } from './objects.js';
import { vocExport } from './voc.js';
import { yoloExport } from './yolo.js';

/** The first is taken where nothing is said. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  csvExport,
  jsonExport,
  imageListExport,
  imageWeightsExport,
  objectsExport,
  cocoExport,
  labelStudioExport,
  cvatExport,
  htmlExport,
  yoloExport,
  vocExport,
];

/** @throws MiningError 'options' for an id that is none. */
export function exportFormat(id: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.id === id);
  if (format !== undefined) return format;
  throw new MiningError('options', 'format', `one of ${EXPORT_FORMATS.map((each) => each.id).join(', ')}`, show(id));
}
