import { useState } from 'preact/hooks';
import type { PanelItem } from '../../src/protocol/gallery-messages.js';
import { Pixels } from '../examples/pixels.js';

/** Of the longer side of a box: as much of its surroundings is shown on each side, and px of that at least. */
const [MARGIN, LEAST_MARGIN] = [0.25, 6];
/** Sides of a crop up to this are enlarged in squares, px. */
const TINY = 48;

/** The part of the image around an item's box, and the box. A whole image is shown without one. */
export function Crop({ item, whole }: { readonly item: PanelItem; readonly whole: boolean }) {
  const [failed, setFailed] = useState<string | null>(null);
  const [x1, y1, x2, y2] = item.box;
  const [width, height] = [x2 - x1, y2 - y1];
  if (item.uri === null || failed === item.uri) return <Pixels uri={null} />;
  if (!(width > 0 && height > 0)) return <Pixels uri={item.uri} />;
  const margin = whole ? 0 : Math.max(Math.max(width, height) * MARGIN, LEAST_MARGIN);
  const view = [x1 - margin, y1 - margin, width + 2 * margin, height + 2 * margin];
  const size = item.width > 0 && item.height > 0 ? { width: item.width, height: item.height } : {};
  return (
    <svg class="pixels crop" viewBox={view.join(' ')} aria-hidden="true" data-tiny={Math.max(width, height) <= TINY}>
      <image href={item.uri} {...size} preserveAspectRatio="none" onError={() => setFailed(item.uri)} />
      {!whole && <rect class="crop-edge" x={x1} y={y1} width={width} height={height} />}
      {!whole && <rect class="crop-box" x={x1} y={y1} width={width} height={height} />}
    </svg>
  );
}
