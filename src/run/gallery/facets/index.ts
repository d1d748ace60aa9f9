/** The facets of the gallery, in the order in which a person meets them. */
import { answerFacet } from './answer.js';
import { errorFacet } from './error.js';
import type { Facet } from './facet.js';
import { iouFacet } from './iou.js';
import { labelFacet } from './label.js';
import { lossFacet } from './loss.js';
import { predictionFacet } from './prediction.js';
import { scoreFacet } from './score.js';
import { selectedFacet } from './selected.js';
import { sizeFacet } from './size.js';
import { suspicionFacet } from './suspicion.js';
import { verdictFacet } from './verdict.js';

export const FACETS: readonly Facet[] = [
  suspicionFacet,
  verdictFacet,
  answerFacet,
  errorFacet,
  labelFacet,
  predictionFacet,
  selectedFacet,
  lossFacet,
  scoreFacet,
  iouFacet,
  sizeFacet,
];
