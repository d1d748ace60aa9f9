/** Annotations that are wrong on purpose: what a person should find at the top of the ranking. */
import { SAMPLE_CLASSES } from './parts/catalogue.js';
import type { SceneObject } from './annotate.js';
import { SceneRandom } from './scene-random.js';
import { SCENE_HEIGHT, SCENE_WIDTH } from './scene.js';

export const MISTAKE_KINDS = ['wrong class', 'missing', 'shifted box', 'duplicate'] as const;
export type MistakeKind = (typeof MISTAKE_KINDS)[number];

export interface PlantedMistake {
  /** Index of the image in the sample. */
  readonly image: number;
  readonly kind: MistakeKind;
  /** The object as it truly is. */
  readonly truth: SceneObject;
  /** One line for a person: what was done. */
  readonly note: string;
}

/** Objects a mistake is worth planting on: large enough to see and well inside. */
function eligible({ x1, y1, x2, y2 }: SceneObject): boolean {
  return Math.min(x2 - x1, y2 - y1) >= 18 && x1 > 6 && y1 > 6 && x2 < SCENE_WIDTH - 6 && y2 < SCENE_HEIGHT - 6;
}

/**
 * Replaces some objects by wrong ones: `count` images get one mistake each, the kinds taking turns.
 * @returns the annotations to write and the list of what was done.
 */
export function plantMistakes(
  truth: readonly (readonly SceneObject[])[],
  count: number,
  seed: number,
): { objects: SceneObject[][]; mistakes: PlantedMistake[] } {
  const random = new SceneRandom(seed);
  const objects = truth.map((list) => [...list]);
  const mistakes: PlantedMistake[] = [];
  const images = shuffled(
    truth.map((_, i) => i),
    random,
  );
  for (const image of images) {
    if (mistakes.length === count) break;
    const list = objects[image] ?? [];
    const candidates = list.filter(eligible);
    if (candidates.length === 0) continue;
    const kind = MISTAKE_KINDS[mistakes.length % MISTAKE_KINDS.length] ?? 'missing';
    const target = random.pick(candidates);
    mistakes.push({ image, kind, truth: target, note: plant(kind, list, target, random) });
  }
  return { objects, mistakes: mistakes.sort((a, b) => a.image - b.image) };
}

function shuffled(list: number[], random: SceneRandom): number[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

/** Changes `list`; returns what was done. */
function plant(kind: MistakeKind, list: SceneObject[], target: SceneObject, random: SceneRandom): string {
  const at = list.indexOf(target);
  const name = SAMPLE_CLASSES[target.gtClass] ?? '';
  if (kind === 'missing') {
    list.splice(at, 1);
    return `the ${name} has no annotation`;
  }
  if (kind === 'duplicate') {
    list.splice(at + 1, 0, shifted(target, 0.06, random));
    return `the ${name} is annotated twice`;
  }
  if (kind === 'shifted box') {
    list[at] = shifted(target, 0.38, random);
    return `the box of the ${name} lies beside it`;
  }
  const gtClass = (target.gtClass + random.integer(1, SAMPLE_CLASSES.length - 1)) % SAMPLE_CLASSES.length;
  list[at] = { ...target, gtClass };
  return `the ${name} is annotated as ${SAMPLE_CLASSES[gtClass] ?? ''}`;
}

/** Moved by a share of its sides, kept inside the image. */
function shifted(object: SceneObject, share: number, random: SceneRandom): SceneObject {
  const dx = (random.chance(0.5) ? 1 : -1) * share * (object.x2 - object.x1);
  const dy = (random.chance(0.5) ? 1 : -1) * share * (object.y2 - object.y1);
  const x1 = Math.round(Math.max(0, Math.min(SCENE_WIDTH - (object.x2 - object.x1), object.x1 + dx)) * 2) / 2;
  const y1 = Math.round(Math.max(0, Math.min(SCENE_HEIGHT - (object.y2 - object.y1), object.y1 + dy)) * 2) / 2;
  return { ...object, x1, y1, x2: x1 + object.x2 - object.x1, y2: y1 + object.y2 - object.y1 };
}
