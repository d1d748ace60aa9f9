/** The ways in which a checkpoint may be meant: what a contract can say, one thing at a time. */
import { BOX_FORMS, BOX_UNITS } from '../../checkpoint/families/layout.js';
import { IMAGENET_SCALE } from '../../checkpoint/families/family.js';

type Keys = Readonly<Record<string, unknown>>;

/** A contract as JSON; its family's schema tells which keys it may have. */
export type Contract = { readonly family: string } & Keys;

export interface Change {
  /** `bgr`, `boxForm xyxy`. */
  readonly name: string;
  readonly keys: Keys;
}

const preprocess = (name: string, keys: Keys): Change => ({ name, keys: { preprocess: keys } });
const each = (key: string, values: readonly unknown[]) =>
  values.map((value) => ({ name: `${key} ${String(value)}`, keys: { [key]: value } }));
const grey = (mean: number, std: number) => ({ mean: [mean, mean, mean], std: [std, std, std] });

/** What is tried, in this order: of each list the best goes on to the next. A family refuses what it has no key for. */
export const CHANGES: readonly (readonly Change[])[] = [
  ['letterbox', 'letterbox-centre', 'stretch'].map((resize) => preprocess(resize, { resize })),
  [
    preprocess('pixels 0…1', grey(0, 255)),
    preprocess('pixels 0…255', grey(0, 1)),
    preprocess('pixels -1…1', grey(127.5, 127.5)),
    preprocess('ImageNet’s mean and std', IMAGENET_SCALE),
  ],
  ['rgb', 'bgr'].map((channels) => preprocess(channels, { channels })),
  each('boxForm', BOX_FORMS),
  each('boxUnit', BOX_UNITS),
  each('decoded', [true, false]),
  each('background', ['first', 'last', 'none']),
  each('activation', ['sigmoid', 'softmax']),
];

/** A contract with a change in it. */
export function changed(contract: Contract, { keys }: Change): Contract {
  const before = contract['preprocess'];
  const both = { ...(typeof before === 'object' ? before : {}), ...(keys['preprocess'] ?? {}) };
  return { ...contract, ...keys, ...(Object.keys(both).length === 0 ? {} : { preprocess: both }) };
}
