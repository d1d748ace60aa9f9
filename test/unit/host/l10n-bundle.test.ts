/**
 * l10n/bundle.l10n.json is what translators copy: `UPDATE=1 npx vitest run test/unit/host/l10n-bundle.test.ts` writes
 * it. The Chinese lines are written by hand.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { saidTexts } from '../../said-texts.js';
import { allTexts, listedTexts, literalOf, sourcesOf } from '../../l10n-texts.js';

const BUNDLE = 'l10n/bundle.l10n.json';
const texts = allTexts();
const said = saidTexts();

/** What menus, questions and notes are made of. */
const SHOWN = /^(label|description|detail|placeHolder|placeholder|prompt|note|tooltip|openLabel|saveLabel)$/;

/** `file: text` of what the host shows and does not translate. The settings' texts go into package.nls.json. */
function bypassing(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isShown = ts.isPropertyAssignment(node) && SHOWN.test(node.name.getText());
    const branches = isShown ? branchesOf(node.initializer) : [];
    for (const text of branches) if (/\p{L}{2}/u.test(text)) found.push(`${source.fileName}: ${text}`);
    ts.forEachChild(node, visit);
  };
  if (!/settings-schema\.ts$/.test(source.fileName)) visit(source);
  return found;
}

/** The literal words that an expression may come to. */
function branchesOf(node: ts.Expression): string[] {
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(branchesOf);
  // Icons are no words.
  if (ts.isTemplateExpression(node))
    return [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) =>
      text.replace(/\$\([\w~-]+\)/g, ''),
    );
  return ts.isStringLiteralLike(node) ? [node.text] : [];
}

describe('the texts that a person sees in the editor', () => {
  it('are literals, so that they can be found', () => {
    expect(
      texts
        .filter((text) => literalOf(text) === undefined)
        .map((text) => `${text.getSourceFile().fileName}: ${text.getText()}`),
    ).toEqual([]);
    expect(texts.length).toBeGreaterThan(60);
  });

  it('are said by l10n.t in menus, questions and notes of the host', () => {
    expect(sourcesOf('src/host').flatMap(bypassing)).toEqual([]);
  });

  it('are made by `said` where an error puts values into words, and by it alone', () => {
    expect(said.bypassing.map((node) => `${node.getSourceFile().fileName}: ${node.getText()}`)).toEqual([]);
  });

  it('are all in the bundle, and nothing else is', () => {
    const bundle = Object.fromEntries(
      [...texts.map(literalOf), ...listedTexts(), ...said.texts]
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
