/** Every text that a person sees in the editor, found in the source: what `l10n/` has lines for. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ADVICE_WORDS } from '../src/core/advice/rules.js';
import { GLOSSARY } from '../src/core/facts/glossary.js';
import { LOSS_SOURCES } from '../src/core/facts/run-manifest.js';
import { CLS_LOSSES } from '../src/core/losses/class/index.js';
import { MINING_ERROR_CODES } from '../src/core/mining-error.js';
import { MEASURE_OPTIONS } from '../src/core/measure/measure-config.js';
import { OPTIONS } from '../src/core/mining/mining-options.js';
import { SAMPLERS } from '../src/core/mining/samplers/index.js';
import { EXPORT_FORMATS } from '../src/run/export/registry.js';
import { VERDICTS } from '../src/core/triage/decisions.js';
import { SUSPICIONS } from '../src/core/triage/label-suspects.js';
import { FACETS } from '../src/run/gallery/facets/index.js';
import { allocateItems } from '../src/run/gallery/items.js';
import { EVIDENCE } from '../src/run/inspect/evidence.js';
import { FAMILIES } from '../src/checkpoint/registry.js';
import { PREDICTION_FORMATS } from '../src/dataset/predictions/registry.js';
import { FORMATS } from '../src/dataset/registry.js';
import { BACKENDS } from '../src/engine/registry.js';
import { AS_IT_IS } from '../src/run/inspect/reading.js';
import { REPAIRS } from '../src/run/inspect/readings.js';

/** Say what they are given, a text of `listedTexts`. */
const LISTED = [join('src', 'host', 'base', 'listed.ts'), join('webview', 'words', 't.ts')];

/** Which arguments of a call are texts, by the function's name. */
type TextArguments = (callee: string) => readonly number[];

const OF_HOST: TextArguments = (callee) => (/^(vscode\.)?l10n\.t$/.test(callee) ? [0] : []);
const OF_PAGES: TextArguments = (callee) => (callee === 't' ? [0] : callee === 'countOf' ? [1, 2] : []);

/** The syntax trees of a folder's sources, in the order of their names. */
export function sourcesOf(folder: string): ts.SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => !LISTED.includes(path))
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

/** Texts of lists of core and engine, which the host says with `listed` and the pages with `tListed`. */
export function listedTexts(): string[] {
  const options = [...Object.values(OPTIONS), ...Object.values(MEASURE_OPTIONS)];
  const noItems = allocateItems(0);
  const words = FACETS.filter(({ shape }) => shape === 'list').flatMap(
    ({ values }) => values(noItems, { classes: [], backgroundBelow: 0, decisionOf: () => undefined }).names,
  );
  return [
    ...options.flatMap(({ label, help }) => [label, help]),
    ...options.flatMap((each) => (each.kind === 'choice' ? each.choices : [])),
    ...[
      ...SAMPLERS,
      ...CLS_LOSSES,
      ...FACETS,
      ...REPAIRS,
      ...EXPORT_FORMATS,
      ...BACKENDS,
      ...FAMILIES,
      ...FORMATS,
      ...PREDICTION_FORMATS,
    ].map(({ title }) => title),
    ...Object.values(LOSS_SOURCES),
    ...Object.entries(GLOSSARY).flatMap(([term, { says }]) => [term, says]),
    ...words,
    ...MINING_ERROR_CODES,
    ...Object.values(EVIDENCE),
    AS_IT_IS,
    ...Object.values(ADVICE_WORDS),
    ...VERDICTS.map(({ says }) => says),
    ...SUSPICIONS.flatMap(({ id, says, formula }) => [id, says, formula]),
  ];
}

/** The texts of the extension host and of the pages, as they stand in the calls. */
export function allTexts(): ts.Expression[] {
  return [
    ...sourcesOf('src/host').flatMap((source) => textsOf(source, OF_HOST)),
    ...sourcesOf('webview').flatMap((source) => textsOf(source, OF_PAGES)),
  ];
}
