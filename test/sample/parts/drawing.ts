/** What a part looks like, in its own frame: the part lies around (0, 0) and is about 100 units long. */
import type { SceneRandom } from '../scene-random.js';

export type Point = readonly [number, number];

export interface Drawing {
  /** Gradients and filters, ids prefixed by the part's own id. */
  readonly defs: string;
  readonly body: string;
  /** Polygons whose union is the silhouette; holes are filled. */
  readonly outline: readonly (readonly Point[])[];
  /** What casts the shadow where that is not the filled outline: rings, wire. */
  readonly shadow?: string;
}

/** What a part's painter is given. */
export interface Brush {
  /** Prefix of every id, unique in the scene. */
  readonly id: string;
  /** Decides the part's own variant, colour and wear. */
  readonly random: SceneRandom;
  /** Direction towards the light in the part's frame, degrees clockwise from +x. */
  readonly light: number;
}

export type Painter = (brush: Brush) => Drawing;

/** Colours of a material from bright to dark. */
export type Ramp = readonly [bright: string, light: string, base: string, shade: string, dark: string];

export const STEEL: Ramp = ['#fbfdff', '#d3d9de', '#a3abb3', '#6e767e', '#343a40'];
export const ZINC: Ramp = ['#f4f6ee', '#cfd2c6', '#a5a99c', '#73776b', '#3c3f37'];
export const BRASS: Ramp = ['#fff3c4', '#ecd07e', '#c9a24a', '#8f6c25', '#4a3510'];
export const COPPER: Ramp = ['#ffdcc0', '#e8a67c', '#bf7247', '#844625', '#43200f'];
export const GOLD: Ramp = ['#fff6cf', '#f3d98a', '#d8b04e', '#9c7728', '#553d12'];
export const BLACKENED: Ramp = ['#b9c0c8', '#737a83', '#474c54', '#2b2f35', '#121418'];
export const RUST: Ramp = ['#e9b48c', '#c4855a', '#96583a', '#643622', '#351b10'];

/** A number as SVG text: two decimals are enough and keep scenes equal to the last byte. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** `M x y L … Z`. */
export function pathOf(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}Z`;
}

/** Corners of a regular polygon; many corners make a circle. */
export function regular(corners: number, radius: number, turn = 0, cx = 0, cy = 0): Point[] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / corners;
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)] as const;
  });
}

/** A closed star-like polygon: radius alternates between two values. */
export function cogged(teeth: number, outer: number, inner: number, flat: number): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < teeth; i++) {
    for (const [offset, radius] of [
      [0, inner],
      [0.5 - flat, inner],
      [0.5, outer],
      [1 - flat, outer],
    ] as const) {
      const angle = (2 * Math.PI * (i + offset)) / teeth;
      points.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
    }
  }
  return points;
}

/** A linear gradient; stops are spread evenly, `angle` is the direction from first to last, degrees. */
export function linear(id: string, colours: readonly string[], angle: number): string {
  const last = Math.max(1, colours.length - 1);
  const stops = colours.map((colour, i) => `<stop offset="${n(i / last)}" stop-color="${colour}"/>`).join('');
  return `<linearGradient id="${id}" gradientTransform="rotate(${n(angle)} .5 .5)">${stops}</linearGradient>`;
}

/** A radial gradient whose bright spot is shifted towards the light by `shift` of the radius. */
export function radial(id: string, colours: readonly string[], light: number, shift: number): string {
  const last = Math.max(1, colours.length - 1);
  const stops = colours.map((colour, i) => `<stop offset="${n(i / last)}" stop-color="${colour}"/>`).join('');
  const x = 0.5 + 0.5 * shift * Math.cos((light * Math.PI) / 180);
  const y = 0.5 + 0.5 * shift * Math.sin((light * Math.PI) / 180);
  return `<radialGradient id="${id}" cx=".5" cy=".5" r=".62" fx="${n(x)}" fy="${n(y)}">${stops}</radialGradient>`;
}

/** `fill="url(#id)"`. */
export function fill(id: string): string {
  return `fill="url(#${id})"`;
}

/** A polished flat face: light falls off away from the light with one darker band, as on turned metal. */
export function polished(id: string, ramp: Ramp, light: number): string {
  const [bright, pale, base, shade] = ramp;
  return linear(id, [bright, pale, base, pale, shade], light + 180);
}

/** A ring that casts a shadow. */
export function ringShadow(outer: number, inner: number): string {
  return `<path fill-rule="evenodd" d="${ringPath(outer, inner)}"/>`;
}

/** Two concentric circles as one path with a hole (even-odd). */
export function ringPath(outer: number, inner: number): string {
  const circle = (r: number) => `M${n(r)} 0A${n(r)} ${n(r)} 0 1 0 ${n(-r)} 0A${n(r)} ${n(r)} 0 1 0 ${n(r)} 0Z`;
  return circle(outer) + circle(inner);
}
