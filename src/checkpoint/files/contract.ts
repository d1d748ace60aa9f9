/**
 * `NAME.ohem.json`: what a checkpoint's tensors mean, written down beside it where its file cannot say.
 * docs/checkpoints.md tells a person how to write one.
 */
import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';
import { readText } from '../../files/reading.js';

/** Sizes and counts in a contract, [1, 16384]. */
export const wholeSize = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const real = v.pipe(v.number(), v.finite());
const triple = <T extends v.GenericSchema>(item: T) => v.strictTuple([item, item, item]);

/** For class names of data sets the checkpoint's; null: none. */
export const classMapSchema = v.optional(v.record(v.string(), v.nullable(v.string())));

/** Keys that every contract of one graph may have. */
const common = {
  $schema: v.optional(v.string()),
  title: v.optional(v.string()),
  /** The model file, relative to the contract; absent: the file that has the contract's name. */
  graph: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** K class names; index = class id. */
  classes: v.optional(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1))),
  classMap: classMapSchema,
  /** Inner tensors that are taken in the place of the model's outputs, where those come after NMS or a top-k. */
  outputs: v.optional(v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1))),
  /** Input size where the model leaves it open. */
  input: v.optional(v.strictObject({ width: wholeSize, height: wholeSize })),
  /** Where it differs from the family's own. */
  preprocess: v.optional(
    v.strictObject({
      resize: v.optional(v.picklist(['letterbox', 'letterbox-centre', 'stretch', 'shorter-side', 'none'])),
      shorterSide: v.optional(wholeSize),
      longerSide: v.optional(wholeSize),
      interpolation: v.optional(v.picklist(['antialias', 'opencv', 'pillow'])),
      channels: v.optional(v.picklist(['rgb', 'bgr'])),
      mean: v.optional(triple(real)),
      std: v.optional(triple(v.pipe(real, v.gtValue(0)))),
      pad: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
    }),
  ),
};

/** The contract of a family of one graph: the keys that all of them have, and `own`. */
export function graphContract<const I extends string, E extends v.ObjectEntries>(family: I, own: E) {
  return v.strictObject({ family: v.literal(family), ...common, ...own });
}
/** What every contract of one graph says. */
export type GraphContract = v.InferOutput<v.StrictObjectSchema<typeof common, undefined>> & { readonly family: string };
export type PreprocessChanges = NonNullable<GraphContract['preprocess']>;

/**
 * Reads a contract as JSON with a `family`; its other keys are checked by `checkContract`.
 * @throws MiningError 'checkpoint' when it cannot be read or has no family.
 */
export async function readContractFile(path: string): Promise<{ readonly family: string }> {
  const text = await readText(path).catch((error: unknown) => {
    throw new MiningError(
      'checkpoint',
      'contract',
      'a readable file',
      error instanceof Error ? error.message : show(error),
      { file: path },
    );
  });
  return parseContract(text, path);
}

/**
 * Parses the JSON of a contract.
 * @throws MiningError 'checkpoint' for broken JSON, and where `family` is missing.
 */
export function parseContract(text: string, path: string): { readonly family: string } {
  let contract: unknown;
  try {
    contract = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new MiningError('checkpoint', 'contract', 'JSON', error instanceof Error ? error.message : show(error), {
      file: path,
    });
  }
  const result = v.safeParse(v.looseObject({ family: v.string() }), contract);
  if (!result.success) throw issueError(result.issues[0], path);
  return result.output;
}

/**
 * Checks the keys of a contract by the schema of its family.
 * @throws MiningError 'checkpoint' that names the first key that does not fit: unknown keys do not.
 */
export function checkContract<T extends v.GenericSchema>(schema: T, contract: unknown, path: string): v.InferOutput<T> {
  const result = v.safeParse(schema, contract);
  if (!result.success) throw issueError(result.issues[0], path);
  return result.output;
}

function issueError(issue: v.BaseIssue<unknown>, path: string): MiningError {
  const key = v.getDotPath(issue);
  const expected = issue.expected === 'never' ? 'no such key' : (issue.expected ?? issue.message);
  return new MiningError('checkpoint', key === null ? 'contract' : `contract.${key}`, expected, show(issue.input), {
    file: path,
  });
}
