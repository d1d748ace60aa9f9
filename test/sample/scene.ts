/**
 * A scene: plain data that says what lies where under which light. The same seed gives the same scene on every machine;
 * only the pixels depend on the rasteriser.
 */
import { DISTRACTORS, PARTS, SAMPLE_CLASSES, type PartKind } from './parts/catalogue.js';
import { SceneRandom } from './scene-random.js';

export const SCENE_WIDTH = 480;
export const SCENE_HEIGHT = 360;

export const SURFACES = ['oak', 'walnut', 'slate', 'cutting-mat', 'linen', 'steel', 'paper'] as const;
export type Surface = (typeof SURFACES)[number];

/** How the parts lie: `tidy` apart, `spill` anywhere, `pile` on top of each other, `tiny` seen from far. */
export const LAYOUTS = ['tidy', 'spill', 'pile', 'tiny'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface SceneItem {
  readonly kind: PartKind;
  /** Centre, image px. */
  readonly x: number;
  readonly y: number;
  /** Length, image px. */
  readonly length: number;
  /** Degrees clockwise. */
  readonly angle: number;
  /** Seed of the part's own variant. */
  readonly detail: number;
  /** Defocus, px of standard deviation; 0 sharp. */
  readonly blur: number;
}

export interface SceneLight {
  /** Where the light comes from, degrees clockwise from +x in image axes. */
  readonly angle: number;
  /** Length of shadows relative to height. */
  readonly reach: number;
  /** Softness of shadows, px. */
  readonly softness: number;
  /** Darkness of the far corner, [0, 1). */
  readonly falloff: number;
  /** Centre of the bright spot, image px. */
  readonly spotX: number;
  readonly spotY: number;
  /** -1 cold … 1 warm. */
  readonly warmth: number;
  /** Slats of a window blind across the scene; 0 none. */
  readonly slats: number;
}

export interface Scene {
  readonly seed: number;
  readonly surface: Surface;
  readonly layout: Layout;
  readonly light: SceneLight;
  /** Bottom to top. */
  readonly items: readonly SceneItem[];
  /** Defocus of the whole picture, px. */
  readonly blur: number;
  /** Standard deviation of the sensor noise, of 255. */
  readonly noise: number;
}

/** What a layout decides: parts, unit length in px, how far apart centres stay relative to the parts' radii. */
const LAYOUT_RULES: Readonly<
  Record<Layout, { count: readonly [number, number]; unit: readonly [number, number]; apart: number }>
> = {
  tidy: { count: [9, 16], unit: [42, 60], apart: 0.95 },
  spill: { count: [14, 26], unit: [34, 52], apart: 0.68 },
  pile: { count: [20, 34], unit: [40, 56], apart: 0.36 },
  tiny: { count: [22, 40], unit: [17, 26], apart: 0.72 },
};

export const STREAMS = ['sample', 'training', 'validation'] as const;
export type Stream = (typeof STREAMS)[number];

/** Seed of scene `index` of a stream: streams of one seed share no scene below 2^18 scenes. */
export function sceneSeed(seed: number, stream: Stream, index: number): number {
  return (seed * 0x100000 + STREAMS.indexOf(stream) * 0x40000 + index) >>> 0;
}

/** The scene of a seed. Cost: at most 40 parts with 30 tries each, against each other. */
export function generateScene(seed: number): Scene {
  const random = new SceneRandom(seed);
  const surface = random.pick(SURFACES);
  const layout = LAYOUTS[random.weighted([2.2, 3.4, 2.6, 1.8])] ?? 'spill';
  const light = generateLight(random);
  const items = generateItems(random, layout);
  return {
    seed,
    surface,
    layout,
    light,
    items,
    blur: random.chance(0.15) ? random.range(0.6, 1.3) : random.range(0, 0.35),
    noise: random.chance(0.25) ? random.range(5, 9) : random.range(1.5, 4),
  };
}

function generateLight(random: SceneRandom): SceneLight {
  const angle = random.range(0, 360);
  const distance = random.range(0.2, 0.55);
  return {
    angle,
    reach: random.range(0.6, 2.2),
    softness: random.range(1.2, 4),
    falloff: random.chance(0.25) ? random.range(0.6, 0.82) : random.range(0.12, 0.45),
    spotX: SCENE_WIDTH * (0.5 + distance * Math.cos((angle * Math.PI) / 180)),
    spotY: SCENE_HEIGHT * (0.5 + distance * Math.sin((angle * Math.PI) / 180)),
    warmth: random.range(-0.8, 1),
    slats: random.chance(0.16) ? random.integer(4, 8) : 0,
  };
}

function generateItems(random: SceneRandom, layout: Layout): SceneItem[] {
  const rule = LAYOUT_RULES[layout];
  const count = random.integer(...rule.count);
  const unit = random.range(...rule.unit);
  const heapX = random.range(0.35, 0.65) * SCENE_WIDTH;
  const heapY = random.range(0.35, 0.65) * SCENE_HEIGHT;
  const items: SceneItem[] = [];
  for (let i = 0; i < count; i++) {
    const kind = generateKind(random);
    const length = unit * PARTS[kind].length * random.range(0.78, 1.25);
    const heap = layout === 'pile' && random.chance(0.75);
    const place = () =>
      heap ? ([heapX + random.normal() * 78, heapY + random.normal() * 58] as const) : anywhere(random, length);
    const [x, y] = freePlace(random, place, items, length, rule.apart);
    if (x < -length / 4 || y < -length / 4 || x > SCENE_WIDTH + length / 4 || y > SCENE_HEIGHT + length / 4) continue;
    items.push({
      kind,
      x: round(x),
      y: round(y),
      length: round(length),
      angle: round(random.range(0, 360)),
      detail: random.bits(),
      blur: random.chance(0.08) ? round(random.range(0.7, 1.8)) : 0,
    });
  }
  return items.sort((a, b) => rank(a.kind) - rank(b.kind));
}

/** Papers lie under everything else. */
function rank(kind: PartKind): number {
  return kind === 'sketch' ? 0 : 1;
}

function generateKind(random: SceneRandom): PartKind {
  const group: readonly PartKind[] = random.chance(0.7) ? SAMPLE_CLASSES : DISTRACTORS;
  return group[random.weighted(group.map((kind) => PARTS[kind].weight))] ?? 'screw';
}

function anywhere(random: SceneRandom, length: number): readonly [number, number] {
  const margin = random.chance(0.12) ? -length * 0.2 : length * 0.35;
  return [random.range(margin, SCENE_WIDTH - margin), random.range(margin, SCENE_HEIGHT - margin)];
}

/** The first of 30 tries that keeps its distance, else the one that comes nearest to it. */
function freePlace(
  random: SceneRandom,
  place: () => readonly [number, number],
  items: readonly SceneItem[],
  length: number,
  apart: number,
): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let bestGap = -Infinity;
  for (let attempt = 0; attempt < 30 && bestGap < 0; attempt++) {
    const [x, y] = place();
    let gap = Infinity;
    for (const item of items) {
      if (item.kind === 'sketch') continue;
      gap = Math.min(gap, Math.hypot(item.x - x, item.y - y) - apart * 0.5 * (item.length + length));
    }
    if (gap > bestGap) [best, bestGap] = [[x, y], gap];
  }
  return best;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
