/** Brings a data set's class list onto a checkpoint's. */
import { canonical, type ClassLists, type ClassMap } from '../../core/class-names.js';
import { MiningError, show, type MiningErrorHint } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { IGNORE, type GtTable } from '../../core/tables.js';

export interface ClassMapping {
  /** For each data set class the checkpoint's class, or IGNORE: its objects become ignore regions. */
  readonly map: Int32Array;
  /** Names of the checkpoint's classes, in its order. */
  readonly classes: readonly string[];
  /** Remarks a person should read. */
  readonly notes: readonly string[];
}

/** What a mapping needs of a checkpoint. */
export interface NamedClasses {
  readonly family: string;
  /** null: it names none. */
  readonly classes: readonly string[] | null;
  readonly numClasses: number;
}

/**
 * Maps by what a person said, else by the same name, else blind to case, spaces, underscores, hyphens and to what VOC
 * calls COCO's classes (the first that fits). A checkpoint without names: lists of equal length are taken in order.
 * @param given names of other data sets in it do no harm.
 * @throws MiningError 'dataset' with both lists where no name fits, or the counts differ and there are no
 * names; 'options' where `given` names a class that the checkpoint lacks.
 */
export function mapClasses(
  datasetClasses: readonly string[],
  checkpoint: NamedClasses,
  given: ClassMap = {},
): ClassMapping {
  const said = datasetClasses.filter((name) => Object.hasOwn(given, name));
  if (checkpoint.classes === null && said.length === 0) return mapByOrder(datasetClasses, checkpoint);
  const names = checkpoint.classes ?? indicesOf(checkpoint);
  const exact = firstIndices(names);
  const similar = firstIndices(names.map(canonical));
  const map = Int32Array.from(datasetClasses, (name) =>
    said.includes(name)
      ? indexOfGiven(name, given[name] ?? null, exact)
      : (exact.get(name) ?? similar.get(canonical(name)) ?? IGNORE),
  );
  const unmapped = datasetClasses.filter((_, index) => map[index] === IGNORE);
  if (unmapped.length === datasetClasses.length) throw noOverlap(datasetClasses, names, checkpoint.family);
  const notes = [
    ...(said.length === 0
      ? []
      : [
          `classes by the given map: ${list(
            said.map((name) => pairText(name, given)),
            20,
          )}`,
        ]),
    ...(unmapped.length === 0
      ? []
      : [`categories without a class, their objects are ignore regions: ${list(unmapped, 20)}`]),
  ];
  return { map, classes: checkpoint.classes ?? namedBy(datasetClasses, map, names), notes };
}

function indicesOf({ numClasses }: NamedClasses): string[] {
  return Array.from({ length: numClasses }, (_, index) => String(index));
}

/** Indices get the data set's names, as far as it has any for them. */
function namedBy(datasetClasses: readonly string[], map: Int32Array, indices: readonly string[]): string[] {
  return indices.map((index, i) => datasetClasses[map.indexOf(i)] ?? index);
}

function indexOfGiven(name: string, meant: string | null, exact: ReadonlyMap<string, number>): number {
  if (meant === null) return IGNORE;
  const index = exact.get(meant);
  if (index !== undefined) return index;
  const expected = said`a class of the checkpoint (${list([...exact.keys()], 20)}) or null`;
  throw new MiningError('options', said`classes ${show(name, 40)}`, expected, show(meant, 40));
}

function pairText(name: string, given: ClassMap): string {
  return `${name} → ${given[name] ?? 'none'}`;
}

function firstIndices(names: readonly string[]): Map<string, number> {
  const indices = new Map<string, number>();
  names.forEach((name, index) => {
    if (!indices.has(name)) indices.set(name, index);
  });
  return indices;
}

function mapByOrder(datasetClasses: readonly string[], checkpoint: NamedClasses): ClassMapping {
  const { numClasses, family } = checkpoint;
  if (datasetClasses.length !== numClasses) {
    throw new MiningError(
      'dataset',
      'classes',
      said`${numClasses} classes as the checkpoint has, which names none`,
      `${datasetClasses.length}: ${list(datasetClasses, 8)}`,
      differ({ dataset: datasetClasses, checkpoint: indicesOf(checkpoint), family }),
    );
  }
  return {
    map: Int32Array.from(datasetClasses, (_, index) => index),
    classes: datasetClasses,
    notes: ['the checkpoint names no classes: the names of the data set are taken in order'],
  };
}

function noOverlap(datasetClasses: readonly string[], names: readonly string[], family: string): MiningError {
  return new MiningError(
    'dataset',
    'classes',
    said`names of the checkpoint (${list(names, 5)})`,
    said`none of them, but ${list(datasetClasses, 5)}`,
    differ({ dataset: datasetClasses, checkpoint: names, family }),
  );
}

function differ(classes: ClassLists): MiningErrorHint {
  return { todo: 'Say which is which: a map of the classes', classes };
}

function list(names: readonly string[], most: number): string {
  const shown = names
    .slice(0, most)
    .map((name) => show(name, 40))
    .join(', ');
  return names.length > most ? `${shown}, … (${names.length})` : shown;
}

/** A mapping that also notes how many objects have no class in the checkpoint. */
export function withIgnored(mapping: ClassMapping, gts: GtTable): ClassMapping {
  const { map, notes } = mapping;
  const count = gts.gtClass.reduce((sum, label) => sum + Number(label !== IGNORE && map[label] === IGNORE), 0);
  if (count === 0) return mapping;
  return {
    ...mapping,
    notes: [...notes, `${count} objects have no class in the checkpoint: RoIs on them are left out`],
  };
}

/**
 * Ground truth with the data set's labels made the checkpoint's.
 * @param map of `mapClasses`; an object without a label there stays without one.
 */
export function relabel(gts: GtTable, map: Int32Array): GtTable {
  return { ...gts, gtClass: gts.gtClass.map((label) => map[label] ?? IGNORE) };
}
