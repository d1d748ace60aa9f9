/** Brings a data set's class list onto a checkpoint's. */
import { MiningError, show } from '../../core/mining-error.js';
import { IGNORE, type GtTable } from '../../core/tables.js';

export interface ClassMapping {
  /** For each data set class the checkpoint's class, or IGNORE: its objects become ignore regions. */
  readonly map: Int32Array;
  /** Names of the checkpoint's classes, in its order. */
  readonly classes: readonly string[];
  /** Remarks a person should read. */
  readonly notes: readonly string[];
}

/**
 * Names of VOC (Source: VOC2012 devkit, VOCinit.m) and what COCO calls the same thing (Source: instances_val2017.json).
 */
const COCO_NAME_OF: Readonly<Record<string, string>> = {
  aeroplane: 'airplane',
  motorbike: 'motorcycle',
  sofa: 'couch',
  tvmonitor: 'tv',
  pottedplant: 'potted plant',
  diningtable: 'dining table',
};

const ALIASES = new Map(Object.entries(COCO_NAME_OF).map(([voc, coco]) => [voc, plain(coco)]));

/**
 * Maps by name: the same one if there is one, else blind to case, spaces, underscores, hyphens and to what VOC calls
 * COCO's classes (the first that fits). `checkpointClasses` null: the checkpoint names none, so the lists must be
 * equally long and are taken in order.
 * @throws MiningError 'dataset' where no name fits, or the counts differ and there are no names.
 */
export function mapClasses(
  datasetClasses: readonly string[],
  checkpointClasses: readonly string[] | null,
  numCheckpointClasses: number,
): ClassMapping {
  if (checkpointClasses === null) return mapByOrder(datasetClasses, numCheckpointClasses);
  const exact = firstIndices(checkpointClasses);
  const similar = firstIndices(checkpointClasses.map(canonical));
  const map = Int32Array.from(datasetClasses, (name) => exact.get(name) ?? similar.get(canonical(name)) ?? IGNORE);
  const unmapped = datasetClasses.filter((_, index) => map[index] === IGNORE);
  if (unmapped.length === datasetClasses.length) throw noOverlap(datasetClasses, checkpointClasses);
  const notes =
    unmapped.length === 0
      ? []
      : [`categories without a class, their objects are ignore regions: ${list(unmapped, 20)}`];
  return { map, classes: checkpointClasses, notes };
}

function firstIndices(names: readonly string[]): Map<string, number> {
  const indices = new Map<string, number>();
  names.forEach((name, index) => {
    if (!indices.has(name)) indices.set(name, index);
  });
  return indices;
}

function mapByOrder(datasetClasses: readonly string[], numCheckpointClasses: number): ClassMapping {
  if (datasetClasses.length !== numCheckpointClasses) {
    throw new MiningError(
      'dataset',
      'classes',
      `${numCheckpointClasses} classes as the checkpoint has, which names none`,
      `${datasetClasses.length}: ${list(datasetClasses, 8)}`,
      { todo: 'Give the checkpoint its class names' },
    );
  }
  return {
    map: Int32Array.from(datasetClasses, (_, index) => index),
    classes: datasetClasses,
    notes: ['the checkpoint names no classes: the names of the data set are taken in order'],
  };
}

function noOverlap(datasetClasses: readonly string[], checkpointClasses: readonly string[]): MiningError {
  return new MiningError(
    'dataset',
    'classes',
    `names of the checkpoint (${list(checkpointClasses, 5)})`,
    `none of them, but ${list(datasetClasses, 5)}`,
  );
}

function canonical(name: string): string {
  const key = plain(name);
  return ALIASES.get(key) ?? key;
}

function plain(name: string): string {
  return (
    name
      .normalize('NFC')
      .toLowerCase()
      .replace(/[\s_-]+/g, '') || name
  );
}

function list(names: readonly string[], most: number): string {
  const shown = names
    .slice(0, most)
    .map((name) => show(name, 40))
    .join(', ');
  return names.length > most ? `${shown}, … (${names.length})` : shown;
}

/**
 * Ground truth with the data set's labels made the checkpoint's.
 * @param map of `mapClasses`; an object without a label there stays without one.
 */
export function relabel(gts: GtTable, map: Int32Array): GtTable {
  return { ...gts, gtClass: gts.gtClass.map((label) => map[label] ?? IGNORE) };
}
