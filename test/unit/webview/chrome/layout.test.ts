import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../../webview/chrome/layout.js';

describe('layoutOf', () => {
  it('puts the side bar below, beside, and in two columns', () => {
    expect([400, 599, 600, 1199, 1200, 1900].map(layoutOf)).toEqual(['drawer', 'drawer', 'one', 'one', 'two', 'two']);
  });
});
