import { useEffect, useRef, useState } from 'preact/hooks';
import type { Boxes } from '../../src/core/tables.js';
import type { FoundBoxes, InspectedImage, LabelledBoxes } from '../../src/protocol/inspect-messages.js';
import { paintNames, strokeBoxes } from '../canvas/box-layer.js';
import { paintPicture, type Picture } from '../canvas/image-layer.js';
import { COLOUR, SELECTED, type Stroke } from '../canvas/marks.js';
import { openSurface } from '../canvas/surface.js';
import { themeLook } from '../chrome/theme.js';
import type { Size } from '../geometry/viewport.js';
import { formatScore } from '../rows/format.js';

/** Colours on a photograph: no theme changes them. The style sheet's keys are the same. */
const BOX_COLOUR = '#ffb000';
const OBJECT: Stroke = { width: 2, dash: [6, 4], alpha: 1, halo: 2 };
const THIN: Partial<Stroke> = { width: 1, halo: 1 };
/** A little darker, so that lines and names carry. */
const DIM = 0.2;

export interface ReadingCanvasProps {
  readonly image: InspectedImage;
  /** What a reading finds on the image. */
  readonly boxes: FoundBoxes;
  readonly picture: Picture | null;
  /** Named boxes, for a large picture. */
  readonly named: boolean;
  /** The picture in words; null: it stands beside them. */
  readonly label: string | null;
  readonly testId?: string;
}

/** The image with the boxes of a reading, as wide as there is room. */
export function ReadingCanvas({ image, boxes, picture, named, label, testId }: ReadingCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const { smallFont } = themeLook().value;
  useEffect(() => {
    if (canvas.current === null || width === 0) return;
    const scale = width / image.width;
    const stage = { width, height: image.height * scale };
    const context = openSurface(canvas.current, stage);
    if (context !== null) paintReading(context, { image, boxes, picture, named, stage, scale, font: smallFont });
  });
  return (
    <canvas
      ref={canvas}
      class="reading-canvas"
      width={image.width}
      height={image.height}
      role={label === null ? undefined : 'img'}
      aria-label={label ?? undefined}
      aria-hidden={label === null}
      data-testid={testId}
      data-boxes={boxes.label.length}
      data-objects={image.gts.label.length}
      data-loaded={picture !== null}
    />
  );
}

interface Scene extends Pick<ReadingCanvasProps, 'image' | 'boxes' | 'picture' | 'named'> {
  readonly stage: Size;
  /** CSS px per image px. */
  readonly scale: number;
  readonly font: string;
}

function paintReading(context: CanvasRenderingContext2D, scene: Scene): void {
  const { image, boxes, picture, named, stage, scale } = scene;
  const viewport = { scale, x: 0, y: 0 };
  paintPicture(context, picture, image, viewport, DIM);
  const objects = { boxes: columnsOf(image.gts), viewport, stage };
  const found = { boxes: columnsOf(boxes), viewport, stage };
  const weight = named ? {} : THIN;
  strokeBoxes(context, objects, [...image.gts.label.keys()], { ...OBJECT, ...weight }, COLOUR.groundTruth);
  strokeBoxes(context, found, [...boxes.label.keys()], { ...SELECTED, ...weight }, BOX_COLOUR);
  if (!named) return;
  const names = boxes.label.map((label, row) => `${label} ${formatScore(boxes.score[row] ?? Number.NaN)}`);
  paintNames(context, found, names, scene.font.replace(/^\S+ /, ''));
}

function columnsOf({ x1, y1, x2, y2 }: LabelledBoxes): Boxes {
  return {
    x1: Float32Array.from(x1),
    y1: Float32Array.from(y1),
    x2: Float32Array.from(x2),
    y2: Float32Array.from(y2),
  };
}

/** Width of an element, CSS px; 0 at first. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
