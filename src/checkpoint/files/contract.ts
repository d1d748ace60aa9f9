/**
 * `NAME.ohem.json`: what a checkpoint's tensors mean, written down beside it where its file cannot say.
 * docs/checkpoints.md tells a person how to write one.
 */
import { parseTree, visit, type Node } from 'jsonc-parser';
import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';
import { inWords, type Phrase } from '../../core/said.js';
import { readText } from '../../files/reading.js';

/** A key that may be missing, with the text that an editor shows over it. */
export function optionalKey<const T extends v.GenericSchema>(text: string, schema: T) {
  return v.optional(v.pipe(schema, v.description(text)));
}

/** Sizes and counts in a contract, [1, 16384]. */
export const wholeSize = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const real = v.pipe(v.number(), v.finite());
const triple = <T extends v.GenericSchema>(item: T) => v.strictTuple([item, item, item]);
const name = v.pipe(v.string(), v.nonEmpty());

export const titleKey = optionalKey('What lists call the checkpoint.', v.string());
export const classMapKey = optionalKey(
  'For class names of data sets the checkpoint’s, an index where it has no names; null: its objects are ignored.',
  v.record(v.string(), v.nullable(v.string())),
);

const preprocess = v.strictObject({
  resize: optionalKey(
    'letterbox: aspect ratio kept, image at the top left; letterbox-centre: padded on both sides; stretch: aspect ' +
      'ratio not kept; shorter-side: kept, nothing padded, for networks that take any size; none: the image as it is.',
    v.picklist(['letterbox', 'letterbox-centre', 'stretch', 'shorter-side', 'none']),
  ),
  shorterSide: optionalKey('Of resize shorter-side, px (800).', wholeSize),
  longerSide: optionalKey('At most, of resize shorter-side, px (1333).', wholeSize),
  interpolation: optionalKey(
    'antialias: sharp and libvips, linear; opencv: cv2.INTER_LINEAR to the bit; pillow: PIL’s BILINEAR to the bit.',
    v.picklist(['antialias', 'opencv', 'pillow']),
  ),
  channels: optionalKey('Order of the colours that the network takes.', v.picklist(['rgb', 'bgr'])),
  mean: optionalKey('Of pixels in 0…255, in the order of channels: input = (pixel - mean) / std.', triple(real)),
  std: optionalKey(
    'Of pixels in 0…255, in the order of channels: input = (pixel - mean) / std.',
    triple(v.pipe(real, v.gtValue(0))),
  ),
  pad: optionalKey('Grey of the padding, 0…255.', v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
});

/** Keys that every contract of one graph may have. */
export const commonKeys = {
  $schema: v.optional(v.string()),
  title: titleKey,
  graph: optionalKey('The model file, relative to this file; without it the file that has its name.', name),
  classes: optionalKey('Class names; index = class id.', v.pipe(v.array(name), v.minLength(1))),
  classMap: classMapKey,
  outputs: optionalKey(
    'Inner tensors that are taken in the place of the model’s outputs, where those come after NMS or a top-k.',
    v.pipe(v.array(name), v.minLength(1)),
  ),
  features: optionalKey(
    'Inner tensor whose values are the features by which items are similar: a map [1,C,H,W] or [1,H,W,C]; of a ' +
      'classifier also [N,F].',
    name,
  ),
  input: optionalKey(
    'Input size, px, where the model leaves it open.',
    v.strictObject({ width: wholeSize, height: wholeSize }),
  ),
  preprocess: optionalKey('How an image becomes the input, where it differs from the family’s own.', preprocess),
};

/** The contract of a family of one graph: the keys that all of them have, and `own`. */
export function graphContract<const I extends string, E extends v.ObjectEntries>(family: I, own: E) {
  return v.strictObject({ family: v.literal(family), ...commonKeys, ...own });
}
/** What every contract of one graph says. */
export type GraphContract = v.InferOutput<v.StrictObjectSchema<typeof commonKeys, undefined>> & {
  readonly family: string;
};
export type PreprocessChanges = NonNullable<GraphContract['preprocess']>;

/** What a contract says that one for any other family may say, too: not its family, nor that family's own keys. */
export function sharedKeys(contract: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(contract).filter(([key]) => Object.hasOwn(commonKeys, key)));
}

/** A contract as it was read, with a `family`; its other keys are checked by `checkContract`. */
export interface ContractFile<C = { readonly family: string }> {
  readonly path: string;
  /** Its JSON, in which an error finds its line; '' of one that is embedded in a graph. */
  readonly text: string;
  readonly contract: C;
}

/** @throws MiningError 'checkpoint' when it cannot be read or has no family. */
export async function readContractFile(path: string): Promise<ContractFile> {
  const text = await readText(path).catch((error: unknown) => {
    throw new MiningError('checkpoint', 'contract', 'a readable file', messageOf(error), { file: path });
  });
  return { path, text, contract: parseContract(text, path) };
}

/**
 * Parses the JSON of a contract.
 * @throws MiningError 'checkpoint' for broken JSON, and where `family` is missing.
 */
export function parseContract(given: string, path: string): { readonly family: string } {
  const text = given.replace(/^\uFEFF/, '');
  let contract: unknown;
  try {
    contract = JSON.parse(text);
  } catch (error) {
    throw new MiningError('checkpoint', 'contract', 'JSON', messageOf(error), {
      file: path,
      ...lineOf(text, syntaxErrorAt(text)),
    });
  }
  return checkContract(v.looseObject({ family: v.string() }), { path, text, contract });
}

/**
 * Checks the keys of a contract by the schema of its family.
 * @throws MiningError 'checkpoint' that names the first key that does not fit, and its line: unknown keys do not.
 */
export function checkContract<T extends v.GenericSchema>(schema: T, file: ContractFile<unknown>): v.InferOutput<T> {
  const result = v.safeParse(schema, file.contract);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const known = keysAt(schema, keys.slice(0, -1));
  const isMissing = issue.type === 'strict_object' && issue.input === undefined;
  const isUnknown = issue.expected === 'never';
  throw contractError(
    file,
    keys,
    isMissing ? 'this key' : isUnknown ? 'no such key' : (issue.expected ?? issue.message),
    isMissing ? 'nothing' : show(issue.input),
    (isMissing || isUnknown) && known.length > 0 ? `The keys here are ${known.join(', ')}` : undefined,
  );
}

/**
 * What is wrong with a key of a contract, and where it stands.
 * @param keys from the outermost inwards; [] the contract itself.
 */
export function contractError(
  { path, text }: ContractFile<unknown>,
  keys: readonly (string | number)[],
  expected: Phrase,
  received: string,
  todo = 'docs/checkpoints.md tells the keys of every family',
): MiningError {
  const place = { file: path, ...lineOf(text, offsetOf(text, keys)) };
  return new MiningError('checkpoint', ['contract', ...keys].join('.'), expected, received, { ...place, todo });
}

/**
 * An error about a key of a contract that only the model could find: with the contract's file and the line of that key.
 * Any other stays as it is.
 */
export function placedInContract(error: unknown, { path, text }: ContractFile<unknown>): unknown {
  if (!(error instanceof MiningError) || error.hint.line !== undefined) return error;
  const { code, expected, received, hint } = error;
  const where = inWords(error.where);
  // A backend asks for outputs by the names that a contract gave.
  const [root, ...keys] = where === 'outputs' ? ['contract', where] : where.split('.');
  if (root !== 'contract') return error;
  const place = { file: path, ...lineOf(text, offsetOf(text, keys)) };
  return new MiningError(code, where, expected, received, { ...hint, ...place });
}

/** Names of the keys that a schema has at a path; none where it leaves them open, or is no object. */
function keysAt(schema: object | undefined, path: readonly (string | number)[]): string[] {
  const inner = innermost(schema);
  const entries = inner !== undefined && 'entries' in inner ? inner.entries : {};
  const named = typeof entries === 'object' && entries !== null ? new Map(Object.entries(entries)) : new Map();
  const [key, ...rest] = path;
  return key === undefined ? [...named.keys()] : keysAt(named.get(key), rest);
}

/** The schema inside `v.optional`. */
function innermost(schema: object | undefined): object | undefined {
  const isWrapped = schema !== undefined && 'wrapped' in schema && typeof schema.wrapped === 'object';
  return isWrapped && schema.wrapped !== null ? innermost(schema.wrapped) : schema;
}

/** Longer texts get no line: their syntax tree would not fit. UTF-16 units. */
const LONGEST = 1 << 20;

/** Where the value of a key begins, of one that is missing the object around it; null: unknown. */
function offsetOf(text: string, keys: readonly (string | number)[]): number | null {
  if (text === '' || text.length > LONGEST) return null;
  try {
    const tree = parseTree(text);
    for (let count = keys.length; tree !== undefined && count >= 0; count--) {
      const found = valueAt(tree, keys.slice(0, count));
      if (found !== undefined) return found.offset;
    }
  } catch {
    // Deeper than the stack.
  }
  return null;
}

/** Of a key that stands there twice the last, which counts in JSON.parse, too. */
function valueAt(node: Node | undefined, [key, ...rest]: readonly (string | number)[]): Node | undefined {
  if (node === undefined || key === undefined) return node;
  if (typeof key === 'number') return valueAt(node.children?.[key], rest);
  const property = node.children?.findLast(({ children: [name] = [] }) => name?.value === key);
  return valueAt(property?.children?.[1], rest);
}

/** Where the text stops being JSON; null: unknown. */
function syntaxErrorAt(text: string): number | null {
  if (text.length > LONGEST) return null;
  let first: number | null = null;
  try {
    visit(text, { onError: (_, offset) => (first ??= offset) }, { disallowComments: true });
  } catch {
    // Deeper than the stack.
  }
  return first;
}

function lineOf(text: string, offset: number | null): { readonly line?: number } {
  return offset === null ? {} : { line: text.slice(0, offset).split('\n').length };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : show(error);
}
