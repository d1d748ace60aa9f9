/** The images that are decided together. */

/** Most images of a minibatch that the panel reads; a larger minibatch is said to be cut. */
export const MAX_BATCH_IMAGES = 64;

/** Image indices [start, end) of a minibatch. */
export interface ImageRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The minibatch that an image belongs to: consecutive images in file order, the last one may be short.
 * @param numImages images in the run file; 0 while unknown gives the image alone.
 */
export function minibatchRange(imageIndex: number, imagesPerBatch: number, numImages: number): ImageRange {
  const start = Math.floor(imageIndex / imagesPerBatch) * imagesPerBatch;
  return { start, end: Math.max(Math.min(start + imagesPerBatch, numImages), imageIndex + 1) };
}
