/**
 * What errors and notes of core, engine and host say, found in the source by following what flows into them: literals
 * and templates of `said`, through constants, parameters, branches and functions.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { literalOf } from './l10n-texts.js';

/** Rooms whose errors a person meets in the editor; the command line stays English. */
const ROOMS = [
  'arrow',
  'checkpoint',
  'core',
  'dataset',
  'engine',
  'files',
  'host',
  'protocol',
  'run',
  'train',
  'worker',
].map((room) => join('src', room));

/** Read by programs and at a terminal alone. */
const ELSEWHERE = /^src\/run\/(agents\/|mine\/merge-shards)/;
/** Keys, flags and tensors, which are called the same in every language: `contract.anchors`, `--resume`. */
const KEY = /^(\w+([._-]\w+)+|\p{Ll}+\p{Lu}\w*|--\S+)$/u;
/** A word of a template that is none of a key: `output {0}`, not `contract.{0}`. */
const WORD = /(^|[\s(])\p{L}{2,}(?=[\s,:;)]|$)/u;

/** What shows a value as it is. */
const SHOWS = new Set(['show', 'visible', 'String', 'JSON.stringify']);
/** Constants and properties whose text is part of an error, wherever it is made. */
const PART = /^todo$/i;

export interface SaidTexts {
  /** English, sorted, each once. */
  readonly texts: readonly string[];
  /** What has words and values and is not made by `said`: no language can have it. */
  readonly bypassing: readonly ts.Node[];
}

/** Takes seconds: it needs the types of the sources to know what a name means. */
export function saidTexts(rooms: readonly string[] = ROOMS): SaidTexts {
  const files = rooms.flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' })
      .map((name) => join(room, name).replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts') && !ELSEWHERE.test(path))
      .map((path) => resolve(path)),
  );
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    // Names of our own sources only.
    noLib: true,
    types: [],
  });
  const sources = program.getSourceFiles().filter(({ fileName }) => files.includes(fileName));
  const flow = new Flow(program.getTypeChecker(), sources);
  for (const source of sources) flow.begin(source);
  return { texts: [...flow.texts].sort(), bypassing: [...flow.bypassing] };
}

class Flow {
  readonly texts = new Set<string>();
  readonly bypassing = new Set<ts.Node>();
  readonly #seen = new Set<ts.Node>();
  /** Calls of a function, by its declaration. */
  readonly #calls = new Map<ts.Node, (readonly ts.Expression[])[]>();

  constructor(
    private readonly checker: ts.TypeChecker,
    sources: readonly ts.SourceFile[],
  ) {
    for (const source of sources) this.#listCalls(source);
  }

  /** Follows what a source says. */
  begin(node: ts.Node): void {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'said') this.#takeSaid(node.template);
    if (ts.isNewExpression(node) && node.expression.getText() === 'MiningError')
      for (const part of node.arguments?.slice(1, 4) ?? []) this.#follow(part);
    const isPart = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node);
    if (isPart && PART.test(node.name.getText())) this.#follow(node.initializer);
    if (ts.isShorthandPropertyAssignment(node) && PART.test(node.name.text)) this.#follow(node.name);
    if (ts.isExpression(node) && !ts.isTemplateSpan(node.parent) && this.#isOfPhrase(node)) this.#follow(node);
    ts.forEachChild(node, (child) => this.begin(child));
  }

  /** Is it where a `Phrase` is wanted? A registry whose texts are phrases need not be listed anywhere. */
  #isOfPhrase(node: ts.Expression): boolean {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    if (!isText && !ts.isIdentifier(node) && !ts.isElementAccessExpression(node)) return false;
    const wanted = this.checker.getContextualType(node);
    return (wanted?.isUnion() ? wanted.types : [wanted]).some((type) => type?.symbol?.name === 'Said');
  }

  /** Words that are put into a place of it would stay English. */
  #takeSaid(template: ts.TemplateLiteral): void {
    this.texts.add(textOf(template));
    if (ts.isNoSubstitutionTemplateLiteral(template)) return;
    if (template.templateSpans.some(({ expression }) => this.#hasWords(expression))) this.bypassing.add(template);
  }

  #hasWords(value: ts.Expression): boolean {
    if (ts.isConditionalExpression(value)) return this.#hasWords(value.whenTrue) || this.#hasWords(value.whenFalse);
    if (ts.isBinaryExpression(value)) return this.#hasWords(value.left) || this.#hasWords(value.right);
    if (ts.isStringLiteral(value)) return WORD.test(value.text);
    if (ts.isTemplateExpression(value)) return WORD.test(textOf(value));
    return ts.isIdentifier(value) && this.#declarationsOf(value).some((each) => this.#holdsWords(each));
  }

  /** A constant that is chosen or put together; a single one is a name. */
  #holdsWords(declaration: ts.Declaration): boolean {
    const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    return made !== undefined && !ts.isStringLiteral(made) && this.#hasWords(made);
  }

  /** Literals that `+` joins are one text; what is joined with a value no language can have. */
  #takeSum(sum: ts.BinaryExpression): void {
    const text = literalOf(sum);
    if (text !== undefined) this.#take(text);
    else if (WORD.test(sum.getText())) this.bypassing.add(sum);
  }

  #take(text: string): void {
    if (/\p{L}{2}/u.test(text) && !KEY.test(text)) this.texts.add(text);
  }

  #follow(node: ts.Node | undefined): void {
    if (node === undefined || this.#seen.has(node)) return;
    this.#seen.add(node);
    if (ts.isStringLiteralLike(node)) this.#take(node.text);
    else if (ts.isTemplateExpression(node)) {
      if (WORD.test(textOf(node))) this.bypassing.add(node);
    } else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach((each) => this.#follow(each));
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) this.#takeSum(node);
    else if (ts.isBinaryExpression(node)) [node.left, node.right].forEach((each) => this.#follow(each));
    else if (ts.isParenthesizedExpression(node) || ts.isAwaitExpression(node) || ts.isAsExpression(node))
      this.#follow(node.expression);
    else if (ts.isCallExpression(node)) this.#followCall(node);
    else if (ts.isElementAccessExpression(node)) this.#followTable(node.expression);
    else if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) this.#followName(node);
  }

  #followCall(call: ts.CallExpression): void {
    if (SHOWS.has(call.expression.getText())) return;
    for (const declaration of this.#declarationsOf(call.expression)) {
      const body = functionOf(declaration)?.body;
      if (body === undefined) continue;
      if (ts.isBlock(body)) returnsOf(body).forEach((each) => this.#follow(each));
      else this.#follow(body);
    }
  }

  /** Every text of a table of words. */
  #followTable(table: ts.Expression): void {
    for (const declaration of this.#declarationsOf(table)) {
      let made = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
      while (made !== undefined && (ts.isAsExpression(made) || ts.isSatisfiesExpression(made))) made = made.expression;
      if (made !== undefined && ts.isObjectLiteralExpression(made))
        for (const each of made.properties) if (ts.isPropertyAssignment(each)) this.#follow(each.initializer);
    }
  }

  #followName(name: ts.Identifier | ts.PropertyAccessExpression): void {
    for (const declaration of this.#declarationsOf(name)) {
      if (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration))
        this.#follow(declaration.initializer);
      if (ts.isParameter(declaration)) this.#followParameter(declaration);
    }
  }

  #followParameter(parameter: ts.ParameterDeclaration): void {
    this.#follow(parameter.initializer);
    const index = parameter.parent.parameters.indexOf(parameter);
    for (const given of this.#calls.get(parameter.parent) ?? []) this.#follow(given[index]);
  }

  #listCalls(node: ts.Node): void {
    if (ts.isCallExpression(node) || ts.isNewExpression(node))
      for (const declaration of this.#declarationsOf(node.expression)) {
        const called = functionOf(declaration);
        if (called !== undefined) this.#calls.set(called, [...(this.#calls.get(called) ?? []), node.arguments ?? []]);
      }
    ts.forEachChild(node, (child) => this.#listCalls(child));
  }

  #declarationsOf(name: ts.Node): readonly ts.Declaration[] {
    const symbol = this.checker.getSymbolAtLocation(name);
    if (symbol === undefined) return [];
    const meant = symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    return meant.declarations ?? [];
  }
}

/** The function that a declaration declares or holds, a class's constructor. */
function functionOf(declaration: ts.Declaration): ts.FunctionLikeDeclaration | undefined {
  if (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) {
    const made = declaration.initializer;
    return made !== undefined && (ts.isArrowFunction(made) || ts.isFunctionExpression(made)) ? made : undefined;
  }
  if (ts.isClassDeclaration(declaration)) return declaration.members.find(ts.isConstructorDeclaration);
  return ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration) ? declaration : undefined;
}

/** What a function returns, not what those within it do. */
function returnsOf(body: ts.Node): ts.Expression[] {
  const found: ts.Expression[] = [];
  ts.forEachChild(body, (child) => {
    if (ts.isReturnStatement(child) && child.expression !== undefined) found.push(child.expression);
    else if (!ts.isFunctionLike(child)) found.push(...returnsOf(child));
  });
  return found;
}

/** A template as `said` makes it: with `{0}`, `{1}` … where values stand. */
function textOf(template: ts.TemplateLiteral): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  const rest = template.templateSpans.map(({ literal }, i) => `{${i}}${literal.text}`);
  return template.head.text + rest.join('');
}
