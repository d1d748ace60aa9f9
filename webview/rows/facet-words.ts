/** What the gallery calls the values of a facet. */
import { t, tListed } from '../words/t.js';

/** A value in words: class names are the data's own. @param facet id; null: of none. */
export function valueName(facet: string | null, name: string): string {
  if (facet !== 'label' && facet !== 'prediction') return tListed(name);
  return name === 'background' ? t('background') : name;
}
