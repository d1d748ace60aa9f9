import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { dataFacts, type RunManifest } from '../../core/facts/run-manifest.js';

/** What two parts of one run must share, by the words in which a person knows it. */
function sharedFacts(manifest: RunManifest): Readonly<Record<string, unknown>> {
  const { checkpoint, dataset, backend, writtenBy, measure, mining, precision, keepRois = 'all' } = manifest;
  return {
    'checkpoint (sha256)': checkpoint?.sha256,
    ...dataFacts(manifest),
    'folder of the images': dataset.imageRoot,
    shard: dataset.shard && `${dataset.shard.index}/${dataset.shard.count}`,
    'map of the classes': dataset.classMap ?? {},
    backend: backend?.id,
    "backend's version": backend?.version,
    'version of the program': writtenBy,
    measure,
    mining,
    precision,
    'RoIs kept of an image': keepRois,
  };
}

/**
 * Can images of `next` stand in a run of `file`?
 * @param what a person does with them, for the error: `resume`, `merge`.
 * @throws MiningError 'run-file' that names the first difference.
 */
export function checkSameRun(file: RunManifest, next: RunManifest, what = 'resume'): void {
  const wanted = sharedFacts(next);
  for (const [name, value] of Object.entries(sharedFacts(file))) {
    const [kept, asked] = narrow(value, wanted[name]);
    if (canonical(kept.value) === canonical(asked.value)) continue;
    throw new MiningError(
      'run-file',
      `${what}: ${name}${kept.key}`,
      said`${show(kept.value)} as in the file`,
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
