/**
 * l10n/bundle.l10n.json is what translators copy: `UPDATE=1 npx vitest run test/unit/host/l10n-bundle.test.ts` writes
 * it.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const BUNDLE = 'l10n/bundle.l10n.json';
const sources = readdirSync('src/host', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map((name) => join('src/host', name));

/** The first argument of every `vscode.l10n.t(…)`. */
function textsOf(path: string): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(vscode\.)?l10n\.t$/.test(node.expression.getText()))
      found.push(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

/** A literal's text, or that of literals which `+` joins; undefined for anything else. */
function literalOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteral(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [literalOf(node.left), literalOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

const texts = sources.flatMap(textsOf);

describe('the texts of the editor’s side', () => {
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
      texts
        .map(literalOf)
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
