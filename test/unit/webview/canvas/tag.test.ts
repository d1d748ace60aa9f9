import { describe, expect, it } from 'vitest';
import { paintTag, placeTag } from '../../../../webview/canvas/tag.js';

const stage = { width: 400, height: 300 };

describe('placeTag', () => {
  it('stands above its box', () => {
    const { x, y } = placeTag({ rect: { x1: 50, y1: 100, x2: 90, y2: 140 }, stage, side: 'above' }, 80);
    expect(x).toBe(50);
    expect(y).toBeLessThan(100);
  });

  it('goes below where there is no room above, and inside where there is none at all', () => {
    expect(placeTag({ rect: { x1: 50, y1: 5, x2: 90, y2: 140 }, stage, side: 'above' }, 80).y).toBeGreaterThan(140);
    const inside = placeTag({ rect: { x1: 50, y1: -20, x2: 90, y2: 400 }, stage, side: 'above' }, 80);
    expect(inside.y).toBeGreaterThanOrEqual(0);
    expect(inside.y).toBeLessThan(280);
  });

  it('never leaves the stage sideways', () => {
    expect(placeTag({ rect: { x1: 390, y1: 100, x2: 399, y2: 140 }, stage, side: 'above' }, 80).x).toBeLessThanOrEqual(
      320,
    );
    expect(
      placeTag({ rect: { x1: -90, y1: 100, x2: 10, y2: 140 }, stage, side: 'below' }, 80).x,
    ).toBeGreaterThanOrEqual(0);
  });
});

describe('paintTag', () => {
  const rect = { x1: 150, y1: 100, x2: 169, y2: 140 };

  /** Where words of 7 px a character are written on a stage, and which. */
  function written(text: string, width: number) {
    const calls: { readonly text: string; readonly x: number }[] = [];
    const context = {
      measureText: (words: string) => ({ width: 7 * words.length }),
      fillRect: () => {},
      fillText: (words: string, x: number) => calls.push({ text: words, x }),
    } as unknown as CanvasRenderingContext2D;
    paintTag(context, { text, rect, stage: { width, height: 300 }, side: 'above', fontFamily: 'serif' });
    return calls[0] ?? { text: '', x: NaN };
  }

  it('writes all words within the stage where there is room', () => {
    const { text, x } = written('#1  loss 11.61  spoon', 170);
    expect(text).toBe('#1  loss 11.61  spoon');
    expect(x + 7 * text.length).toBeLessThanOrEqual(170);
  });

  it('ends words that are wider than the stage within it, and shows that they go on', () => {
    const { text, x } = written('#1  loss 11.61  spoon → background (spoon .073)', 170);
    expect(text).toBe('#1  loss 11.61  spoon…');
    expect(x).toBeGreaterThanOrEqual(2);
    expect(x + 7 * text.length).toBeLessThanOrEqual(170);
  });
});
