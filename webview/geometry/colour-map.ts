/**
 * Colours for hardness: 256 steps from the hardest (bright) to the easiest (dark but visible on a dimmed picture).
 *
 * Each map is a path through OKLCH whose lightness falls strictly, so that order is read from lightness alone by
 * people who see few hues and in grey prints. Paths were chosen by eye to resemble the familiar maps of the same names.
 * Source of the colour space: B. Ottosson, "A perceptual color space for image processing" (2020).
 */

/** Lightness [0, 1], chroma, hue in degrees. */
type Oklch = readonly [lightness: number, chroma: number, hue: number];

/** Evenly spaced stops, hardest first. Hues are unwrapped: they may leave [0, 360). */
const PATHS = {
  inferno: [
    [0.97, 0.1, 108],
    [0.87, 0.16, 88],
    [0.77, 0.17, 64],
    [0.68, 0.19, 42],
    [0.6, 0.21, 18],
    [0.52, 0.21, -14],
    [0.45, 0.2, -48],
  ],
  viridis: [
    [0.95, 0.18, 112],
    [0.82, 0.18, 135],
    [0.7, 0.13, 165],
    [0.6, 0.1, 205],
    [0.52, 0.12, 255],
    [0.45, 0.16, 295],
  ],
  cividis: [
    [0.95, 0.17, 104],
    [0.78, 0.1, 98],
    [0.65, 0.02, 95],
    [0.54, 0.07, 262],
    [0.45, 0.14, 260],
  ],
} as const satisfies Record<string, readonly Oklch[]>;

export type ColourMapId = keyof typeof PATHS;
export const COLOUR_MAP_IDS = Object.keys(PATHS) as readonly ColourMapId[];

/** Entries of a map. */
export const NUM_COLOURS = 256;

export interface ColourMap {
  /** NUM_COLOURS * 3 sRGB bytes, hardest first. */
  readonly rgb: Uint8ClampedArray;
  /** The same as CSS colours. */
  readonly css: readonly string[];
}

const built = new Map<ColourMapId, ColourMap>();

/** The map of a settings value; an unknown name gives the first map. */
export function colourMapOf(name: string): ColourMap {
  const id = COLOUR_MAP_IDS.find((known) => known === name) ?? COLOUR_MAP_IDS[0];
  const known = built.get(id);
  if (known !== undefined) return known;
  const map = buildMap(PATHS[id]);
  built.set(id, map);
  return map;
}

/**
 * The entry for a hardness place.
 * @param place [0, 1], 0 hardest; outside values are clamped, NaN is the easiest.
 */
export function colourIndex(place: number): number {
  if (Number.isNaN(place)) return NUM_COLOURS - 1;
  return Math.round(Math.min(Math.max(place, 0), 1) * (NUM_COLOURS - 1));
}

/** The CSS colour for a hardness place, [0, 1], 0 hardest. */
export function colourAt(map: ColourMap, place: number): string {
  return map.css[colourIndex(place)] ?? '';
}

function buildMap(path: readonly Oklch[]): ColourMap {
  const rgb = new Uint8ClampedArray(NUM_COLOURS * 3);
  const css: string[] = [];
  for (let i = 0; i < NUM_COLOURS; i++) {
    rgb.set(toSrgb(pointAt(path, i / (NUM_COLOURS - 1))), i * 3);
    css.push(`rgb(${rgb[i * 3]}, ${rgb[i * 3 + 1]}, ${rgb[i * 3 + 2]})`);
  }
  return { rgb, css };
}

function pointAt(path: readonly Oklch[], t: number): Oklch {
  const at = t * (path.length - 1);
  const low = Math.min(Math.floor(at), path.length - 2);
  const [from, to] = [path[low], path[low + 1]];
  const mix = (k: 0 | 1 | 2) => from[k] + (to[k] - from[k]) * (at - low);
  return [mix(0), mix(1), mix(2)];
}

/** sRGB bytes of an OKLCH colour; chroma is lowered until it fits, lightness and hue stay. */
function toSrgb([lightness, chroma, hue]: Oklch): [number, number, number] {
  let [fits, tooMuch] = [0, chroma];
  if (inGamut(toLinear(lightness, chroma, hue))) fits = chroma;
  else
    for (let i = 0; i < 20; i++) {
      const middle = (fits + tooMuch) / 2;
      if (inGamut(toLinear(lightness, middle, hue))) fits = middle;
      else tooMuch = middle;
    }
  const [r, g, b] = toLinear(lightness, fits, hue);
  return [encode(r), encode(g), encode(b)];
}

function inGamut(rgb: readonly number[]): boolean {
  return rgb.every((value) => value >= -1e-6 && value <= 1 + 1e-6);
}

function toLinear(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Linear [0, 1] to an sRGB byte (IEC 61966-2-1). */
function encode(value: number): number {
  const v = Math.min(Math.max(value, 0), 1);
  return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
}
