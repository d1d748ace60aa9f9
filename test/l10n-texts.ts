/** Every text that a person sees in the editor, found in the source: what `l10n/` has lines for. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Which arguments of a call are texts, by the function's name. */
type TextArguments = (callee: string) => readonly number[];

const OF_HOST: TextArguments = (callee) => (/^(vscode\.)?l10n\.t$/.test(callee) ? [0] : []);
const OF_PAGES: TextArguments = (callee) => (callee === 't' ? [0] : []);

/** The syntax trees of a folder's sources, in the order of their names. */
export function sourcesOf(folder: string): ts.SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .map((path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
}

/** The texts of a source, as they stand in the calls. */
function textsOf(source: ts.SourceFile, textArguments: TextArguments): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node))
      for (const index of textArguments(node.expression.getText())) found.push(node.arguments[index]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A literal's text, or that of literals which `+` joins; undefined for anything else. */
export function literalOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [literalOf(node.left), literalOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** The texts of the extension host and of the pages, as they stand in the calls. */
export function allTexts(): ts.Expression[] {
  return [
    ...sourcesOf('src/host').flatMap((source) => textsOf(source, OF_HOST)),
    ...sourcesOf('webview')
      .filter(({ fileName }) => fileName !== join('webview', 'words', 't.ts'))
      .flatMap((source) => textsOf(source, OF_PAGES)),
  ];
}
