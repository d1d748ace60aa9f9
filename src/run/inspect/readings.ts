/** The ways in which a checkpoint may be meant: what a contract can say, one thing at a time. */
import * as v from 'valibot';
import { BOX_FORMS, BOX_UNITS } from '../../checkpoint/families/layout.js';
import { IMAGENET_SCALE } from '../../checkpoint/families/family.js';
import { ONE_GRAPH_FAMILIES } from '../../checkpoint/registry.js';

type Keys = Readonly<Record<string, unknown>>;

/** A contract as JSON; its family's schema tells which keys it may have. */
export type Contract = { readonly family: string } & Keys;

export interface Change {
  /** `bgr`, `xyxy`. */
  readonly choice: string;
  readonly keys: Keys;
}

/** One thing that may be meant otherwise. */
export interface Repair {
  readonly id: string;
  /** As a form names it. */
  readonly title: string;
  readonly changes: readonly Change[];
}

const preprocess = (choice: string, keys: Keys): Change => ({ choice, keys: { preprocess: keys } });
const each = (id: string, title: string, values: readonly unknown[]): Repair => ({
  id,
  title,
  changes: values.map((value) => ({ choice: String(value), keys: { [id]: value } })),
});
const grey = (mean: number, std: number) => ({ mean: [mean, mean, mean], std: [std, std, std] });

/** What is tried, in this order: the best of each goes on to the next. A family refuses what it has no key for. */
export const REPAIRS: readonly Repair[] = [
  {
    id: 'resize',
    title: 'Resize',
    changes: ['letterbox', 'letterbox-centre', 'stretch'].map((resize) => preprocess(resize, { resize })),
  },
  {
    id: 'scale',
    title: 'Pixel scale',
    changes: [
      preprocess('0…1', grey(0, 255)),
      preprocess('0…255', grey(0, 1)),
      preprocess('-1…1', grey(127.5, 127.5)),
      preprocess('ImageNet’s mean and std', IMAGENET_SCALE),
    ],
  },
  {
    id: 'channels',
    title: 'Channels',
    changes: ['rgb', 'bgr'].map((channels) => preprocess(channels, { channels })),
  },
  each('boxForm', 'Box format', BOX_FORMS),
  each('boxUnit', 'Box unit', BOX_UNITS),
  each('decoded', 'Boxes decoded in the graph', [true, false]),
  each('background', 'Background column', ['first', 'last', 'none']),
  each('activation', 'Activation', ['sigmoid', 'softmax']),
  each('given', 'Scores given as', ['logits', 'probabilities']),
];

/** A contract with a change in it. */
export function changed(contract: Contract, { keys }: Change): Contract {
  const before = contract['preprocess'];
  const both = { ...(typeof before === 'object' ? before : {}), ...(keys['preprocess'] ?? {}) };
  return { ...contract, ...keys, ...(Object.keys(both).length === 0 ? {} : { preprocess: both }) };
}

/** The repairs that a contract of its family may say, with the choices that it may take. */
export function repairsOf(contract: Contract): Repair[] {
  const schema = ONE_GRAPH_FAMILIES.find(({ id }) => id === contract.family)?.contract;
  if (schema === undefined) return [];
  return REPAIRS.map((repair) => ({
    ...repair,
    changes: repair.changes.filter((change) => v.is(schema, changed(contract, change))),
  })).filter(({ changes }) => changes.length > 0);
}

/** Does a contract say what a change would? */
export function says(contract: Keys, { keys }: Change): boolean {
  return Object.entries(keys).every(([key, value]) => {
    const said = contract[key];
    if (key === 'preprocess') return says((said ?? {}) as Keys, { choice: '', keys: value as Keys });
    return JSON.stringify(said) === JSON.stringify(value);
  });
}

/**
 * What a contract says otherwise than `base`, in the order of the repairs: `scale 0…255`.
 * @param base what is in effect there, preprocessing and all.
 */
export function differences(contract: Contract, base: Keys): string[] {
  return repairsOf(contract).flatMap(({ id, changes }) => {
    const said = changes.find((change) => says(contract, change));
    return said === undefined || says(base, said) ? [] : [`${id} ${said.choice}`];
  });
}
