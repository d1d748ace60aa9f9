import { MiningError, show } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';

/** What two parts of one run must share, by the words in which a person knows it. */
const SHARED: Readonly<Record<string, (manifest: RunManifest) => unknown>> = {
  task: ({ task }) => task,
  'checkpoint (sha256)': ({ checkpoint }) => checkpoint?.sha256,
  'data set (sha256)': ({ dataset }) => dataset.sha256,
  'data set split': ({ dataset }) => dataset.split,
  'folder of the images': ({ dataset }) => dataset.imageRoot,
  classes: ({ classes }) => classes,
  backend: ({ backend }) => backend?.id,
  "backend's version": ({ backend }) => backend?.version,
  'version of the program': ({ writtenBy }) => writtenBy,
  measure: ({ measure }) => measure,
  mining: ({ mining }) => mining,
  precision: ({ precision }) => precision,
};

/**
 * Can `next` append to a run of `file`?
 * @throws MiningError 'run-file' that names the first difference.
 */
export function checkSameRun(file: RunManifest, next: RunManifest): void {
  for (const [name, of] of Object.entries(SHARED)) {
    const [kept, asked] = narrow(of(file), of(next));
    if (canonical(kept.value) === canonical(asked.value)) continue;
    throw new MiningError(
      'run-file',
      `resume: ${name}${kept.key}`,
      `${show(kept.value)} as in the file`,
      show(asked.value),
    );
  }
}

interface Part {
  readonly key: string;
  readonly value: unknown;
}

/** Of two records, their first field that differs. */
function narrow(a: unknown, b: unknown): [Part, Part] {
  if (isRecord(a) && isRecord(b)) {
    const key = Object.keys({ ...a, ...b }).find((name) => canonical(a[name]) !== canonical(b[name]));
    if (key !== undefined)
      return [
        { key: `.${key}`, value: a[key] },
        { key: `.${key}`, value: b[key] },
      ];
  }
  return [
    { key: '', value: a },
    { key: '', value: b },
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with sorted keys: the order in which fields were written says nothing. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
    ) ?? 'undefined'
  );
}
