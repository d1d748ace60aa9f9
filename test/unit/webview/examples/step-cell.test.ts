import { describe, expect, it } from 'vitest';
import { stepCell } from '../../../../webview/examples/step-cell.js';

describe('stepCell', () => {
  const step = (row: number, column: number, key: string) => stepCell({ row, column }, key, 3);

  it('goes among cells and headers, never to the corner or beyond the edge', () => {
    expect(step(0, 0, 'ArrowRight')).toEqual({ row: 0, column: 1 });
    expect(step(0, 0, 'ArrowUp')).toEqual({ row: -1, column: 0 });
    expect(step(-1, 0, 'ArrowLeft')).toBeNull();
    expect(step(0, -1, 'ArrowUp')).toBeNull();
    expect(step(2, 2, 'ArrowDown')).toBeNull();
    expect(step(2, 2, 'ArrowRight')).toBeNull();
  });

  it('goes to the ends', () => {
    expect(step(1, 1, 'Home')).toEqual({ row: 1, column: -1 });
    expect(step(-1, 2, 'Home')).toEqual({ row: -1, column: 0 });
    expect(step(1, 0, 'End')).toEqual({ row: 1, column: 2 });
    expect(step(1, -1, 'PageUp')).toEqual({ row: 0, column: -1 });
    expect(step(1, 2, 'PageDown')).toEqual({ row: 2, column: 2 });
  });

  it('leaves other keys alone', () => {
    expect(step(1, 1, 'a')).toBeNull();
    expect(step(1, 1, 'Enter')).toBeNull();
  });
});
