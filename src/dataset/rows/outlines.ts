/** Boxes around outlines that are none: polygons, turned boxes, ellipses. */

export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** What `Warnings.tally` is told of each. */
export const OUTLINES = 'outlines (polygons, turned boxes) became the boxes around them';

/** The box around points `[x, y, x, y, …]`; without area where there are none. NaN where a number is. */
export function boundsOf(points: readonly number[]): Box {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < points.length; i += 2) {
    x1 = Math.min(x1, points[i]);
    y1 = Math.min(y1, points[i + 1]);
    x2 = Math.max(x2, points[i]);
    y2 = Math.max(y2, points[i + 1]);
  }
  return [x1, y1, x2, y2];
}

/** The box around a box that is turned by `degrees`, clockwise on the screen, about `pivot`. */
export function boundsOfTurned([x1, y1, x2, y2]: Box, degrees: number, [px, py]: readonly [x: number, y: number]): Box {
  if (degrees === 0) return [x1, y1, x2, y2];
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const corners = [x1, y1, x2, y1, x2, y2, x1, y2];
  return boundsOf(
    corners.map((_, i) => {
      const [dx, dy] = [corners[i - (i % 2)] - px, corners[i - (i % 2) + 1] - py];
      return i % 2 === 0 ? px + dx * cos - dy * sin : py + dx * sin + dy * cos;
    }),
  );
}
