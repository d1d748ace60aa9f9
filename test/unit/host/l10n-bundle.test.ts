/**
 * l10n/bundle.l10n.json is what translators copy: `UPDATE=1 npx vitest run test/unit/host/l10n-bundle.test.ts` writes
 * it. The Chinese lines are written by hand.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allTexts, listedTexts, literalOf } from '../../l10n-texts.js';

const BUNDLE = 'l10n/bundle.l10n.json';
const texts = allTexts();

describe('the texts that a person sees in the editor', () => {
  it('are literals, so that they can be found', () => {
    expect(
      texts
        .filter((text) => literalOf(text) === undefined)
        .map((text) => `${text.getSourceFile().fileName}: ${text.getText()}`),
    ).toEqual([]);
    expect(texts.length).toBeGreaterThan(60);
  });

  it('are all in the bundle, and nothing else is', () => {
    const bundle = Object.fromEntries(
      [...texts.map(literalOf), ...listedTexts()]
        .filter((text) => text !== undefined)
        .map((text) => [text, text])
        .sort(),
    );
    if (process.env['UPDATE'] === '1') {
      mkdirSync(dirname(BUNDLE), { recursive: true });
      writeFileSync(BUNDLE, `${JSON.stringify(bundle, null, 2)}\n`);
    }
    expect(
      JSON.parse(readFileSync(BUNDLE, 'utf8')),
      'run: UPDATE=1 npx vitest run test/unit/host/l10n-bundle.test.ts',
    ).toEqual(bundle);
  });

  it('lie where package.json says', () => {
    expect(`${JSON.parse(readFileSync('package.json', 'utf8')).l10n}/bundle.l10n.json`).toBe(`./${BUNDLE}`);
  });
});
