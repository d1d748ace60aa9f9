import { InvalidArgumentError, Option } from 'commander';
import { MiningError } from '../core/mining-error.js';
import type { RunManifest } from '../core/facts/run-manifest.js';
import type { ExportScope, GalleryQuery, ItemKind } from '../protocol/gallery-messages.js';
import { FACETS } from '../run/gallery/facets/index.js';
import { allocateItems } from '../run/gallery/items.js';

/** `label=car,truck` */
export interface FacetFilter {
  readonly facet: string;
  readonly values: readonly string[];
}

/** `--filter`, once a facet. */
export function filterOption(): Option {
  const ids = FACETS.map(({ id }) => id);
  const parse = (text: string, before: readonly FacetFilter[]) => {
    const [facet = '', ...rest] = text.split('=');
    if (!ids.includes(facet) || rest.length === 0)
      throw new InvalidArgumentError(`expected one of ${ids.join(', ')}=…`);
    return [...before, { facet, values: rest.join('=').split(',') }];
  };
  const words = `only items with a value of a facet of All Examples, such as label=car: ${ids.join(', ')}`;
  return new Option('--filter <facet=value,…>', words).argParser(parse).default([], 'all');
}

/**
 * The scope that filters name; undefined without one.
 * @throws MiningError 'options' for a value that is none, and for one that begins several.
 */
export function scopeOf(
  filters: readonly FacetFilter[],
  kind: ItemKind,
  { classes }: Pick<RunManifest, 'classes'>,
): { readonly scope?: ExportScope } {
  if (filters.length === 0) return {};
  const where = whereOf(filters, { classes });
  return { scope: { of: 'items', query: { kind, where, sort: 'loss', group: null } } };
}

/** The part of a query that filters name. @throws as `scopeOf` */
export function whereOf(
  filters: readonly FacetFilter[],
  { classes }: Pick<RunManifest, 'classes'>,
): GalleryQuery['where'] {
  return Object.fromEntries(filters.map((each) => [each.facet, codesOf(each, classes)]));
}

function codesOf({ facet: id, values }: FacetFilter, classes: readonly string[]): number[] {
  const facet = FACETS.find((each) => each.id === id);
  const names =
    facet?.values(allocateItems(0), { classes, backgroundBelow: 0, decisionOf: () => undefined }).names ?? [];
  return values.map((value) => codeOf(value, names, id));
}

/** A value by its name, or by how that alone begins; any case. */
function codeOf(value: string, names: readonly string[], facet: string): number {
  const wanted = value.trim().toLowerCase();
  const lower = names.map((name) => name.toLowerCase());
  const begun = [...lower.keys()].filter((code) => lower[code]?.startsWith(wanted));
  const code = lower.includes(wanted) ? lower.indexOf(wanted) : begun.length === 1 ? begun[0] : undefined;
  if (code !== undefined) return code;
  throw new MiningError('options', `filter ${facet}`, `one of ${names.join('; ')}`, value);
}
