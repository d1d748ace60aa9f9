/**
 * Ultralytics: `metadata_props` of an ONNX, a text packed into a .tflite, `metadata.yaml` beside other formats. Values
 * of the first are Python literals. Written from files that its exporter made and from its public documentation, not
 * from its code.
 */
import { said } from '../../core/said.js';
import { entryOf, isDict, parsePythonLiteral, type PythonValue } from './python-literal.js';
import { parseYaml } from '../../files/parse-yaml.js';
import { jsonOf, namesByIndex, type Neighbours, type Sidecar } from './sidecar.js';

const FROM = 'Ultralytics’ metadata';
/** Beside SavedModels and the like; packed into a .tflite, by its versions from the newest on, and by YOLOv5's. */
const FILES = ['metadata.yaml', 'metadata.json', 'temp_meta.txt', 'meta.txt'];

/** Detections instead of candidates, by the key of the metadata that says so. */
const NMS_INSIDE = { why: said`NMS is inside`, todo: 'Export it with nms=False' };
const END_TO_END = { why: said`it ends in the best 300 detections`, todo: 'Export it with end2end=False' };

/** @returns null where neither is there. */
export async function readUltralytics({ metadata, text }: Neighbours): Promise<Sidecar | null> {
  const isOwn = metadata['author'] === 'Ultralytics' || (metadata['task'] ?? metadata['stride']) !== undefined;
  if (isOwn && metadata['names'] !== undefined)
    return sidecarOf((key) => (metadata[key] === undefined ? undefined : pythonValue(metadata[key])));
  for (const name of FILES) {
    const found = valueOf(await text(name));
    if (entryOf(found, 'names') === undefined) continue;
    if ((entryOf(found, 'task') ?? entryOf(found, 'stride')) !== undefined)
      return sidecarOf((key) => entryOf(found, key));
  }
  return null;
}

/** A word without quotes is the text itself. */
function pythonValue(text: string): PythonValue {
  return parsePythonLiteral(text) ?? text;
}

/** A literal of Python, JSON, or YAML. */
function valueOf(text: string | null): PythonValue | undefined {
  if (text === null) return undefined;
  try {
    return parsePythonLiteral(text) ?? asPython(jsonOf(text) ?? parseYaml(text, 0), 0);
  } catch {
    return undefined;
  }
}

/** Plain values as the literals that they stand for. */
function asPython(value: unknown, depth: number): PythonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || depth > 8) return null;
  if (Array.isArray(value)) return value.map((item) => asPython(item, depth + 1));
  return { pairs: Object.entries(value).map(([key, item]) => [key, asPython(item, depth + 1)] as const) };
}

function sidecarOf(get: (key: string) => PythonValue | undefined): Sidecar {
  const names = get('names');
  const pairs = isDict(names) ? names.pairs : Array.isArray(names) ? [...names.entries()] : [];
  const classes = namesByIndex(pairs);
  const size = sizeOf(get('imgsz'));
  const head = textOf(get('head')) ?? '';
  const detectionsOnly =
    get('end2end') === true ? END_TO_END : entryOf(get('args'), 'nms') === true ? NMS_INSIDE : undefined;
  const isRtDetr = head === 'RTDETRDecoder' || /rtdetr/i.test(textOf(get('description')) ?? '');
  const task = textOf(get('task'));
  return {
    from: FROM,
    family: isRtDetr ? 'ultralytics-rtdetr' : 'yolov8',
    ...(classes === undefined ? {} : { classes }),
    ...(size === null ? {} : { input: size }),
    ...(task === null ? {} : { task }),
    ...(detectionsOnly === undefined ? {} : { detectionsOnly }),
  };
}

function textOf(value: PythonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** `imgsz` is [height, width], or one side of a square. */
function sizeOf(value: PythonValue | undefined): { width: number; height: number } | null {
  const [height, width = height] = Array.isArray(value) ? (value as readonly PythonValue[]) : [value];
  return isSide(height) && isSide(width) ? { width, height } : null;
}

function isSide(value: PythonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 16384;
}
