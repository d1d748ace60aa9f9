/** Where the pixels of a run's images are to be looked for. */
import type { DatasetFacts, ImageSummary } from './run-manifest.js';

/** What the import adds to the name of an image that comes again. */
const AGAIN = /(?<=\.\w+) \(\d+\)$/;
/** On either system: a run may come from the other. */
const WHOLE_PATH = /^([\\/]|[a-z]:[\\/])/i;

/**
 * An image's pixels: as the run says, else where an import has looked for them and a person may put them.
 * @returns an absolute path; '' where nothing is known, and for names that lead out of the folder.
 */
export function imagePlace(
  { id, path: known }: Pick<ImageSummary, 'id' | 'path'>,
  { kind, imageRoot }: Pick<DatasetFacts, 'kind' | 'imageRoot'>,
): string {
  if (known !== '' || kind !== 'dump' || imageRoot === '') return known;
  const name = id.replace(AGAIN, '');
  if (name.includes('\0')) return '';
  if (WHOLE_PATH.test(name)) return name;
  const parts = name.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? '' : [imageRoot, ...parts].join('/');
}
