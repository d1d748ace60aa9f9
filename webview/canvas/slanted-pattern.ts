/** Slanted stripes: as a fill they hatch; as a mask they make dashes of upright and level lines alike. */

const tiles = new Map<string, HTMLCanvasElement>();

/**
 * Stripes along both axes: `on` px of the colour, `off` px of nothing.
 * @param dash on and off, whole px.
 * @returns null where the browser refuses.
 */
export function slantedPattern(
  context: CanvasRenderingContext2D,
  colour: string,
  dash: readonly number[],
): CanvasPattern | null {
  const [on, off = on] = dash;
  const key = `${colour} ${on} ${off}`;
  const tile = tiles.get(key) ?? paintTile(colour, on, off);
  tiles.set(key, tile);
  return context.createPattern(tile, 'repeat');
}

function paintTile(colour: string, on: number, off: number): HTMLCanvasElement {
  const tile = document.createElement('canvas');
  tile.width = tile.height = on + off;
  const context = tile.getContext('2d');
  if (context === null) return tile;
  context.fillStyle = colour;
  for (let y = 0; y < on + off; y++) {
    for (let x = 0; x < on + off; x++) if ((x + y) % (on + off) < on) context.fillRect(x, y, 1, 1);
  }
  return tile;
}
