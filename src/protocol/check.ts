/** What arrives is checked by a schema: nothing is believed because a type says so. */
import * as v from 'valibot';
import { MiningError, show } from '../core/mining-error.js';
import type { Phrase, Said } from '../core/said.js';
import type { Api, Params, Served } from './endpoint.js';

/**
 * @param whole what the value is, for a fault of all of it.
 * @param file where it stood; absent: it was sent.
 * @returns the value with the schema's defaults.
 * @throws MiningError 'options' that names the first key that does not fit by its path, `schedule.epochs`.
 */
export function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  whole: Phrase = 'request',
  file?: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const isUnknown = issue.expected === 'never';
  const expected = isUnknown ? 'no such key' : (issue.expected ?? issue.message);
  // Of an unknown key the issue has the name only.
  const input = isUnknown ? issue.path?.at(-1)?.value : issue.input;
  const received = input === undefined ? 'nothing' : show(input);
  throw new MiningError(
    'options',
    v.getDotPath(issue) ?? whole,
    expected,
    received,
    file === undefined ? {} : { file },
  );
}

/** A schema for the parameters of each method. */
export type Schemas<A> = { readonly [M in keyof A]: v.GenericSchema<Params<A, M>> };

/** Functions that answer only what fits their schemas: others reject as `check` does. */
export function checkedApi<A extends Api<A>>(schemas: Schemas<A>, served: Served<A>): Served<A> {
  const checked = <M extends keyof A>(method: M): Served<A>[M] => {
    return async (params, signal) => served[method](check(schemas[method], params), signal);
  };
  const methods = Object.keys(schemas) as (keyof A)[];
  return Object.fromEntries(methods.map((method) => [method, checked(method)])) as unknown as Served<A>;
}

const said: v.GenericSchema<Said> = v.object({
  text: v.string(),
  values: v.array(v.union([v.string(), v.number(), v.lazy(() => said)])),
});
/** A sentence for a person, in English. */
export const phrase: v.GenericSchema<Phrase> = v.union([v.string(), said]);

/** Text that names something: a path, an id. */
export const name = v.pipe(v.string(), v.nonEmpty());
export const finite = v.pipe(v.number(), v.finite());
/** [0, 1] */
export const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
/** [least, most] */
export const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
