import type { ComponentChildren } from 'preact';

/** S boxes, px of the picture. */
export interface PictureBoxes {
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
}

export interface BoxPictureProps {
  readonly uri: string | null;
  readonly width: number;
  readonly height: number;
  readonly boxes: PictureBoxes;
  /** Rows of `boxes` to draw, the first on top. */
  readonly rows: readonly number[];
  /** Class of a row's line, as the style sheet draws it. */
  readonly kindOf: (row: number) => string;
  /** A row in words. */
  readonly nameOf: (row: number) => string;
  /** The picture in words. */
  readonly label: string;
  /** The row that is looked at, drawn thick and on top; the others step back. */
  readonly marked?: number | null;
  readonly caption?: ComponentChildren;
  readonly testId?: string;
}

/** A picture with boxes on it; each line has a dark halo, so that it is seen on any ground. */
export function BoxPicture({
  uri,
  width,
  height,
  boxes,
  rows,
  kindOf,
  nameOf,
  label,
  marked = null,
  caption,
  testId,
}: BoxPictureProps) {
  const drawn = [...rows].reverse().filter((row) => row !== marked);
  if (marked !== null) drawn.push(marked);
  return (
    <figure class="picture" data-testid={testId} data-boxes={rows.length}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} data-marked={marked !== null}>
        {uri === null ? (
          <rect class="picture-ground" width={width} height={height} />
        ) : (
          <image href={uri} width={width} height={height} preserveAspectRatio="none" />
        )}
        {drawn.map((row) => {
          const place = {
            x: boxes.x1[row],
            y: boxes.y1[row],
            width: Math.max(boxes.x2[row] - boxes.x1[row], 0),
            height: Math.max(boxes.y2[row] - boxes.y1[row], 0),
          };
          return (
            <g key={row} class={`box-group ${row === marked ? 'box-marked' : ''}`}>
              <rect {...place} class="box-halo" />
              <rect {...place} class={`box box-${kindOf(row)}`}>
                <title>{nameOf(row)}</title>
              </rect>
            </g>
          );
        })}
      </svg>
      {caption !== undefined && <figcaption class="quiet">{caption}</figcaption>}
    </figure>
  );
}
