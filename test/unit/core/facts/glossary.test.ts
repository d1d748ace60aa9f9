import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { anchorOf, GLOSSARY, TERMS } from '../../../../src/core/facts/glossary.js';

it('has an anchor for each term that is the slug of its heading, and no two alike', () => {
  const anchors = TERMS.map(anchorOf);
  expect(anchors.filter((anchor) => !/^[a-z0-9-]+$/.test(anchor))).toEqual([]);
  expect(new Set(anchors).size).toBe(TERMS.length);
  expect(anchorOf('GHM-C weight')).toBe('ghm-c-weight');
});

it('explains instead of repeating the name, and leads to pages that there are', () => {
  for (const [term, { says, more }] of Object.entries(GLOSSARY)) {
    expect(says.length, term).toBeGreaterThan(2 * term.length);
    expect(existsSync(`docs/${more}`), more).toBe(true);
  }
});
