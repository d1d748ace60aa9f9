import type { TextFormat } from '../export-format.js';
import { samplingWeights } from './image-weights.js';
import { pathOf, rankedImages } from '../ranked-images.js';

/** A PyTorch sampler that draws hard images more often, with the weights in it. */
export const weightedSamplerExport: TextFormat = {
  id: 'weighted-sampler',
  title: 'PyTorch WeightedRandomSampler',
  holds: 'A module with the weights and `weighted_sampler(paths)`; images that it does not list have a weight of 0',
  extension: 'py',
  async *text(source, batches) {
    const ranked = await rankedImages(source, batches);
    const weights = samplingWeights(ranked);
    yield HEAD;
    // Strings of JSON are strings of Python.
    for (const [i, { summary }] of ranked.entries())
      yield `    ${JSON.stringify(pathOf(summary))}: ${(weights[i] ?? 1).toPrecision(6)},\n`;
    yield TAIL;
  },
};

const HEAD = `"""Draws hard images more often: DataLoader(dataset, sampler=weighted_sampler(paths_of_dataset), ...)."""
import os

from torch.utils.data import WeightedRandomSampler

# Mean selected loss of an image, divided by its mean over these images.
WEIGHTS = {
`;

const TAIL = `}


def weighted_sampler(paths, unlisted=0.0, num_samples=None):
    """\`paths\`: of the data set's images, in its order. \`unlisted\`: weight of an image that is not listed here."""
    known = {os.path.normcase(os.path.abspath(path)): weight for path, weight in WEIGHTS.items()}
    weights = [known.get(os.path.normcase(os.path.abspath(path)), unlisted) for path in paths]
    if not any(weights):
        raise ValueError(f"none of {len(weights)} paths is one of the {len(WEIGHTS)} that are listed")
    return WeightedRandomSampler(weights, num_samples or len(weights))
`;
