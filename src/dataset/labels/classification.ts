/** Labelled images to tables: one ground truth an image, covering it. */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { NONE } from '../../core/tables.js';
import type { Dataset } from '../dataset.js';
import { GtRows } from '../rows/gt-rows.js';
import { ImageRows } from '../rows/image-rows.js';
import type { Warnings } from '../rows/warnings.js';

/** Labelled images of one data set, column by column. */
export interface Examples {
  /** File names, relative to `root` or absolute within it. */
  readonly names: readonly string[];
  readonly labels: readonly string[];
  /** File that labels the images; '' none. */
  readonly annotationPath: string;
  /** 0-based text line of each label; NONE where a folder labels. */
  readonly lines: readonly number[];
}

/**
 * One row an image and one ground truth each: the box is the whole image, of size 0, for sizes stay unknown until an
 * image is decoded (opening a million files to read a header would take minutes). An image listed again keeps its first
 * label.
 * @throws MiningError 'dataset' where there is no image.
 */
export function tabulateExamples(
  examples: Examples,
  root: string,
  facts: Pick<Dataset, 'kind' | 'path' | 'split' | 'sha256'>,
  warnings: Warnings,
): Dataset {
  const { names, labels, annotationPath, lines } = examples;
  const classes = sortLabels(new Set(labels));
  const classIndex = new Map(classes.map((name, index) => [name, index]));
  const images = new ImageRows(root, warnings);
  const gts = new GtRows(images);
  names.forEach((name, i) => {
    const [line = NONE, label = ''] = [lines[i], labels[i]];
    const numBefore = images.numImages;
    const row = images.add(
      name,
      0,
      0,
      annotationPath,
      line === NONE ? 'image' : said`line ${line + 1}`,
      annotationPath || root,
    );
    if (row === NONE || images.numImages === numBefore) return;
    gts.push(row, 0, 0, 0, 0, classIndex.get(label) ?? NONE, line);
  });
  if (images.numImages === 0)
    throw new MiningError('dataset', 'images', 'at least one labelled image', show(names[0] ?? 'none'), {
      file: facts.path,
    });
  const { gts: table, gtStart } = gts.finish();
  return {
    ...facts,
    path: path.resolve(facts.path),
    task: 'classification',
    imageRoot: root,
    classes,
    images: images.finish(gtStart),
    gts: table,
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

/** Labels in natural order: by value where all are numbers, else by code units, so that no locale changes class ids. */
export function sortLabels(labels: Iterable<string>): string[] {
  const sorted = [...labels].sort();
  const isNumeric = sorted.every((label) => /^[+-]?\d+(\.\d+)?$/.test(label));
  return isNumeric ? sorted.sort((a, b) => Number(a) - Number(b)) : sorted;
}
