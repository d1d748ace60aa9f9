import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { csvExport } from './formats/csv.js';
import type { ExportFormat } from './export-format.js';
import { cocoExport } from './formats/coco.js';
import { cropsExport } from './formats/crops.js';
import { cvatExport } from './formats/cvat.js';
import { fiftyoneExport } from './formats/fiftyone.js';
import { htmlExport } from './formats/html.js';
import { imageListExport } from './formats/image-list.js';
import { imageWeightsExport } from './formats/image-weights.js';
import { jsonExport } from './formats/json.js';
import { labelStudioExport } from './formats/label-studio.js';
import { objectsExport } from './formats/objects.js';
import { pythonExport } from './formats/python.js';
import { samplerConfigExport } from './formats/sampler-config.js';
import { vocExport } from './formats/voc.js';
import { weightedSamplerExport } from './formats/weighted-sampler.js';
import { yoloExport } from './formats/yolo.js';

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
  cropsExport,
  fiftyoneExport,
  pythonExport,
  weightedSamplerExport,
  samplerConfigExport,
];

/** @throws MiningError 'options' for an id that is none. */
export function exportFormat(id: string): ExportFormat {
  const format = EXPORT_FORMATS.find((each) => each.id === id);
  if (format !== undefined) return format;
  throw new MiningError(
    'options',
    'format',
    said`one of ${EXPORT_FORMATS.map((each) => each.id).join(', ')}`,
    show(id),
  );
}
