/** Class names of data sets and checkpoints: when two mean the same, and which is likely meant. Pure. */

/** For names of a data set the checkpoint's; null: none, their objects are ignore regions. */
export type ClassMap = Readonly<Record<string, string | null>>;

/** Two lists of names of which a person has to say which is which. */
export interface ClassLists {
  readonly dataset: readonly string[];
  /** Of a checkpoint that names none, its indices: `0`, `1`, …. */
  readonly checkpoint: readonly string[];
  /** The checkpoint's family: a contract that keeps the answer names it; '' for predictions, which have none. */
  readonly family: string;
}

/**
 * Names of VOC (Source: VOC2012 devkit, VOCinit.m) and what COCO calls the same thing (Source: instances_val2017.json).
 */
const COCO_NAME_OF: Readonly<Record<string, string>> = {
  aeroplane: 'airplane',
  motorbike: 'motorcycle',
  sofa: 'couch',
  tvmonitor: 'tv',
  pottedplant: 'potted plant',
  diningtable: 'dining table',
};
const ALIASES = new Map(Object.entries(COCO_NAME_OF).map(([voc, coco]) => [voc, plain(coco)]));

/** Words of other data sets for one thing; near enough to propose, not to decide. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['person', 'people', 'pedestrian', 'human', 'man', 'woman'],
  ['bicycle', 'bike', 'cycle'],
  ['motorcycle', 'bike', 'scooter'],
  ['car', 'automobile', 'vehicle', 'van'],
  ['truck', 'lorry', 'vehicle'],
  ['airplane', 'plane', 'aircraft'],
  ['boat', 'ship', 'vessel'],
  ['tv', 'television', 'monitor', 'screen'],
  ['couch', 'settee'],
  ['cell phone', 'mobile phone', 'phone'],
  ['cup', 'mug'],
  ['traffic light', 'traffic signal'],
].map((words) => words.map(plain));

/** COCO's classes in the order of its 80, with the category id of each where it counts to 90. Source: as above. */
const COCO = (
  'person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant - stop_sign parking_meter ' +
  'bench bird cat dog horse sheep cow elephant bear zebra giraffe - backpack umbrella - - handbag tie suitcase ' +
  'frisbee skis snowboard sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle - ' +
  'wine_glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair ' +
  'couch potted_plant bed - dining_table - - toilet - tv laptop mouse remote keyboard cell_phone microwave oven ' +
  'toaster sink refrigerator - book clock vase scissors teddy_bear hair_drier toothbrush'
)
  .split(' ')
  .map((word) => (word === '-' ? '' : plain(word)));
const COCO_80 = COCO.filter((word) => word !== '');

/** What names have in common that mean the same: blind to case, spaces, underscores, hyphens, and to VOC or COCO. */
export function canonical(name: string): string {
  const key = plain(name);
  return ALIASES.get(key) ?? key;
}

function plain(name: string): string {
  return (
    name
      .normalize('NFC')
      .toLowerCase()
      .replace(/[\s_-]+/g, '') || name
  );
}

/** Proposals below this likeness are not made. */
const LIKELY = 0.6;

/**
 * How alike two names are, [0, 1]: 1 the same, .95 but for a plural, .8 synonyms, .7 one is a word of the other, else
 * the share of letter pairs that they have in common (Source: Dice 1945), at most .75.
 */
export function likeness(a: string, b: string): number {
  const [left, right] = [canonical(a), canonical(b)];
  if (left === right) return 1;
  if (singular(left) === singular(right)) return 0.95;
  if (SYNONYMS.some((words) => words.includes(singular(left)) && words.includes(singular(right)))) return 0.8;
  const [words, others] = [wordsOf(a), wordsOf(b)];
  if (words.every((word) => others.includes(word)) || others.every((word) => words.includes(word))) return 0.7;
  return 0.75 * commonPairs(left, right);
}

function singular(word: string): string {
  return word
    .replace(/ies$/, 'y')
    .replace(/(s|x|ch|sh)es$/, '$1')
    .replace(/([^s])s$/, '$1');
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[\s_-]+/)
    .map(singular);
}

function commonPairs(a: string, b: string): number {
  const pairs = (word: string) => Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(i, i + 2));
  const [left, right] = [pairs(a), pairs(b)];
  const common = left.filter((pair) => right.includes(pair)).length;
  return left.length + right.length === 0 ? 0 : (2 * common) / (left.length + right.length);
}

/** The checkpoint's names for one of the data set, likeliest first; `likely` counts those worth a proposal. */
export function rankNames(
  name: string,
  lists: ClassLists,
): { readonly names: readonly string[]; readonly likely: number } {
  const index = cocoIndex(name, lists.checkpoint);
  const scored = lists.checkpoint.map((other, i) => ({ other, score: i === index ? 1 : likeness(name, other) }));
  scored.sort((a, b) => b.score - a.score);
  return { names: scored.map(({ other }) => other), likely: scored.filter(({ score }) => score >= LIKELY).length };
}

/** The place of a name of COCO in a checkpoint that has indices only: of 80, of 90 or 91 by category id; -1: none. */
function cocoIndex(name: string, checkpoint: readonly string[]): number {
  const hasNames = checkpoint.some((other, i) => other !== String(i));
  if (hasNames) return -1;
  const key = canonical(name);
  if (checkpoint.length === 80) return COCO_80.indexOf(key);
  const id = COCO.indexOf(key) + 1;
  if (id === 0) return -1;
  return checkpoint.length === 90 ? id - 1 : checkpoint.length === 91 ? id : -1;
}

/** The likeliest name for every class of the data set; null where none is likely. Ready to be mended by hand. */
export function suggestClasses(lists: ClassLists): ClassMap {
  return Object.fromEntries(
    lists.dataset.map((name) => {
      const { names, likely } = rankNames(name, lists);
      return [name, likely > 0 ? (names[0] ?? null) : null];
    }),
  );
}
