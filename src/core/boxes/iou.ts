/**
 * Intersection over union of two boxes, float64, continuous: area = (x2 - x1) * (y2 - y1), no + 1.
 * In [0, 1]; 0 where the boxes do not overlap, and where either one is degenerate or not finite.
 */
export function boxIou(
  ax1: number,
  ay1: number,
  ax2: number,
  ay2: number,
  bx1: number,
  by1: number,
  bx2: number,
  by2: number,
): number {
  const width = (ax2 < bx2 ? ax2 : bx2) - (ax1 > bx1 ? ax1 : bx1);
  if (!(width > 0)) return 0;
  const height = (ay2 < by2 ? ay2 : by2) - (ay1 > by1 ? ay1 : by1);
  if (!(height > 0)) return 0;
  const areaA = (ax2 - ax1) * (ay2 - ay1);
  const areaB = (bx2 - bx1) * (by2 - by1);
  // Not finite: a coordinate was NaN or infinite, and one comparison above let it through.
  if (!(areaA > 0 && areaB > 0 && areaA + areaB < Infinity)) return 0;
  const intersection = width * height;
  const union = areaA + areaB - intersection;
  return intersection < union ? intersection / union : 1;
}
