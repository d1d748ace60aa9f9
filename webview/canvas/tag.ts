/** A few words at a box. */
import { COLOUR } from './marks.js';
import type { Rect, Size } from '../geometry/viewport.js';

export interface Tag {
  readonly text: string;
  readonly rect: Rect;
  readonly stage: Size;
  readonly side: 'above' | 'below';
  /** Colour behind the words; the words are black or white, whichever reads better. Without it: white on dark. */
  readonly ground?: string;
  readonly fontFamily: string;
}

const [HEIGHT, PADDING, GAP, FONT_SIZE] = [19, 6, 5, 12];
/** Least way between a tag and the stage's edge, CSS px. */
const EDGE = 2;

/**
 * Draws a tag outside its box, moved inwards where the stage ends; words that are wider than the stage end in "…".
 * Nothing for '' and for boxes that are not finite.
 */
export function paintTag(context: CanvasRenderingContext2D, tag: Tag): void {
  if (tag.text === '' || !Object.values(tag.rect).every(Number.isFinite)) return;
  context.font = `${tag.ground === undefined ? '' : '600 '}${FONT_SIZE}px ${tag.fontFamily}`;
  const textWidth = (text: string) => context.measureText(text).width;
  const text = fittingText(tag.text, tag.stage.width - 2 * (PADDING + EDGE), textWidth);
  const width = textWidth(text) + 2 * PADDING;
  const { x, y } = placeTag(tag, width);
  context.fillStyle = tag.ground ?? COLOUR.tagGround;
  context.fillRect(x, y, width, HEIGHT);
  if (tag.ground !== undefined) {
    context.strokeStyle = 'rgba(0, 0, 0, 0.85)';
    context.lineWidth = 1;
    context.strokeRect(x - 0.5, y - 0.5, width + 1, HEIGHT + 1);
  }
  context.fillStyle = tag.ground === undefined || isDark(tag.ground) ? COLOUR.tagText : '#000000';
  context.textBaseline = 'middle';
  context.fillText(text, x + PADDING, y + HEIGHT / 2 + 0.5);
}

/** The text, less what `room` CSS px have no place for. */
function fittingText(text: string, room: number, widthOf: (text: string) => number): string {
  const characters = [...text];
  let fitting = text;
  while (characters.length > 1 && widthOf(fitting) > room) {
    characters.pop();
    fitting = `${characters.join('')}…`;
  }
  return fitting;
}

/** Top left corner: outside the box on its side, else on the other side, else within the stage. */
export function placeTag(
  tag: Pick<Tag, 'rect' | 'stage' | 'side'>,
  width: number,
): { readonly x: number; readonly y: number } {
  const above = tag.rect.y1 - GAP - HEIGHT;
  const below = tag.rect.y2 + GAP;
  const fits = (y: number) => y >= 0 && y + HEIGHT <= tag.stage.height;
  const [first, second] = tag.side === 'above' ? [above, below] : [below, above];
  const y = fits(first)
    ? first
    : fits(second)
      ? second
      : Math.min(Math.max(first, EDGE), tag.stage.height - HEIGHT - EDGE);
  return { x: Math.round(Math.max(Math.min(tag.rect.x1, tag.stage.width - width - EDGE), EDGE)), y: Math.round(y) };
}

/** Whether white words read better than black ones on a CSS `rgb(r, g, b)`; other notations count as light. */
function isDark(colour: string): boolean {
  const [r, g, b] = (colour.match(/\d+/g) ?? []).map(Number);
  if (r === undefined || g === undefined || b === undefined || !colour.startsWith('rgb')) return false;
  // The luminance at which black and white have the same contrast (WCAG 2) is 0.18.
  const linear = (byte: number) => (byte / 255) ** 2.2;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) < 0.18;
}
