/**
 * The score that a share of all detections does not exceed, interpolated; NaN without detections.
 * @param scores any order. @param share [0, 1].
 * Source: numpy.quantile, `linear`.
 */
export function scoreQuantile(scores: Float64Array, share: number): number {
  if (scores.length === 0) return Number.NaN;
  const sorted = scores.toSorted();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place));
}
