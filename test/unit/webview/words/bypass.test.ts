/** A text that a person sees and that bypasses `t` stays English in every language. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sourcesOf } from '../../../l10n-texts.js';

const SAYS = new Set(['t', 'tListed', 'countOf']);
/** Attributes that no person reads. */
const UNREAD_ATTRIBUTES = new RegExp(
  '^(class|style|id|key|for|type|kind|scope|role|icon|term|autoComplete|decoding|preserveAspectRatio|transform|' +
    'viewBox|href|src|d|data-.*|' +
    'aria-(hidden|live|labelledby|describedby|controls|haspopup|current|orientation)|\\w*[iI]d)$',
);
/** Functions whose texts no person reads. */
const UNREAD_CALLS =
  /(^choice|querySelector|closest|getContext|addEventListener|Error|termOf|(call|tell|ask|act|command))$/;
/** Properties that are read wherever they stand. */
const READ_PROPERTIES = /^(label|title|help|words|caption|empty)$/;

/** What stays as it is in all languages. */
const SAME: readonly RegExp[] = [
  // The field's own names.
  /^·? ?(RoI|IoU|GHM-C|mAP|nats)$/,
  // Keys, as they are printed on keyboards and as the browser calls them.
  /^(Enter|Esc|Escape|Backspace|Home|End|(Arrow|Page)(Up|Down|Left|Right)|Page [↓↑])$/,
  // Units, of numbers and of styles.
  /^(px|min|s|h|700 10px|11px|, minmax\(0, 1fr\)\))$/,
  // Which elements have keys of their own.
  /^input, select, textarea/,
];

describe('texts of the pages', () => {
  it('go through t', () => {
    expect(sourcesOf('webview').flatMap(bypassing)).toEqual([]);
  });

  it.each([
    ['in the markup', '<p>All examples</p>'],
    ['one word', '<p>{on ? "shown" : ""}</p>'],
    ['in a template', '<p>{`${count} selected`}</p>'],
    ['for a screen reader', '<button aria-label="Close" />'],
    ['for a screen reader, put together', '<button aria-label={`Close ${name}`} />'],
    ['as a tooltip', '<IconButton label={on ? "hide" : "show"} />'],
    ['on the canvas', 'context.fillText(`rank ${rank} of`, 0, 0)'],
    ['in a table of words', 'const WORDS = { a: { name: "Only A", help: "selected" } }'],
  ])('are found %s', (_, code) => {
    expect(bypassing(sourceOf(code))).not.toEqual([]);
  });

  it.each([
    '<p class="quiet line" data-testid="a b">{t("All examples")} · {countOf(n, "{0} image", "{0} images")}</p>',
    '<IconButton icon="zoom-in" label={t("Zoom in")} testId="zoom in" />',
    'throw new Error("no training around this component")',
    'const id = on ? "below-budget" : "selected";',
  ])('and nothing else: %s', (code) => {
    expect(bypassing(sourceOf(code))).toEqual([]);
  });
});

function sourceOf(code: string): ts.SourceFile {
  return ts.createSourceFile('x.tsx', code, ts.ScriptTarget.Latest, true);
}

/** `file:line: text` of what a person would read untranslated. */
function bypassing(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isUnread(node)) return;
    const text = textOf(node);
    if (text !== undefined && isRead(node, text) && !SAME.some((same) => same.test(text.trim()))) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${source.fileName}:${line + 1}: ${text.trim()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Nothing below it is read by a person, or it goes through `t`. */
function isUnread(node: ts.Node): boolean {
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const callee = node.expression.getText();
    return SAYS.has(callee) || UNREAD_CALLS.test(callee);
  }
  if (ts.isJsxAttribute(node)) return UNREAD_ATTRIBUTES.test(node.name.getText());
  // Terms of the glossary are names of its entries, as the types hold.
  if (ts.isVariableDeclaration(node)) return node.name.getText().endsWith('_TERMS');
  return ts.isImportDeclaration(node) || ts.isTypeNode(node);
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isJsxText(node) || ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) return node.text;
  return ts.isTemplateMiddle(node) || ts.isTemplateTail(node) ? node.text : undefined;
}

/** Every word where it is shown; elsewhere what looks like part of a sentence or like a title. */
function isRead(node: ts.Node, text: string): boolean {
  const isWord = /\p{L}{2}/u.test(text);
  return isWord && (isShown(node) || /\p{L}{2}[,:;.…]?\s|\s\p{L}{2}|^\p{Lu}\p{Ll}/u.test(text));
}

/** The value of an attribute or property that is read, or what markup says: as it is, chosen or put together. */
function isShown(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isJsxText(node) || ts.isJsxAttribute(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return READ_PROPERTIES.test(parent.name.getText());
  if (ts.isJsxExpression(parent)) return true;
  if (ts.isConditionalExpression(parent)) return parent.condition !== node && isShown(parent);
  if (ts.isBinaryExpression(parent))
    return /^(&&|\|\||\?\?|\+)$/.test(parent.operatorToken.getText()) && isShown(parent);
  return (
    (ts.isTemplateExpression(parent) || ts.isTemplateSpan(parent) || ts.isParenthesizedExpression(parent)) &&
    isShown(parent)
  );
}
