/** Coin, button and key. */
import {
  BRASS,
  cogged,
  COPPER,
  fill,
  GOLD,
  linear,
  n,
  pathOf,
  polished,
  radial,
  regular,
  ringPath,
  STEEL,
  ZINC,
  type Brush,
  type Drawing,
  type Painter,
  type Point,
  type Ramp,
} from './drawing.js';

const COIN_METALS: readonly Ramp[] = [STEEL, GOLD, COPPER, BRASS, ZINC];

function relief(brush: Brush, ramp: Ramp): string {
  const { random } = brush;
  const motif = random.integer(0, 3);
  const dark = `fill="${ramp[3]}" opacity=".75"`;
  const glow = `fill="${ramp[0]}" opacity=".55"`;
  const twice = (path: string) =>
    `<path d="${path}" transform="translate(1.2 1.2)" ${dark}/><path d="${path}" transform="translate(-.8 ` +
    `-.8)" ${glow}/><path d="${path}" fill="${ramp[2]}"/>`;
  if (motif === 0)
    return twice(
      'M-2 -27C12 -28 18 -18 15 -8L19 1L14 4C15 12 10 16 2 15L4 25L-18 27C-16 14 -22 6 -20 -8C-19 -20 -12 -26 -2 -27Z',
    );
  if (motif === 1) return twice(pathOf(cogged(5, 27, 12, 0.25)));
  if (motif === 2) return twice('M0 -28L9 -8L4 -8L14 8L6 8L6 24L-6 24L-6 8L-14 8L-4 -8L-9 -8Z');
  return twice('M-12 -24L-2 -26L-2 22L8 22L8 27L-16 27L-16 22L-9 22L-9 -16L-14 -15ZM14 -4A9 9 0 1 0 14.1 -4Z');
}

/** A coin: rim, ring of dots, a motif in relief; some have a core of another metal. */
export const drawCoin: Painter = (brush) => {
  const { id, random, light } = brush;
  const ramp = random.pick(COIN_METALS);
  const core = random.chance(0.2) ? random.pick(COIN_METALS) : ramp;
  const dots = regular(36, 41)
    .map(([x, y]) => `<circle cx="${n(x)}" cy="${n(y)}" r="1.1"/>`)
    .join('');
  return {
    defs:
      polished(`${id}f`, ramp, light) +
      polished(`${id}c`, core, light + 25) +
      linear(`${id}r`, [ramp[0], ramp[2], ramp[4]], light + 180) +
      linear(`${id}q`, [ramp[4], ramp[2], ramp[0]], light + 180),
    body:
      `<circle r="50" ${fill(`${id}r`)}/><circle r="47.6" ${fill(`${id}f`)}/>` +
      (`<circle r="44.6" fill="none" stroke="url(#${id}q)" stroke-width="1.6"/><g fill="${ramp[3]}" ` +
        `opacity=".7">${dots}</g>`) +
      (core === ramp ? '' : `<circle r="33" ${fill(`${id}c`)} stroke="${ramp[3]}" stroke-width="1"/>`) +
      `<g transform="rotate(${n(random.range(-30, 30))})">${relief(brush, core)}</g>`,
    outline: [regular(48, 50)],
  };
};

const PLASTICS: readonly (readonly [number, number, number])[] = [
  [358, 62, 46],
  [212, 55, 44],
  [42, 70, 60],
  [150, 34, 42],
  [28, 42, 36],
  [0, 0, 88],
  [0, 0, 16],
  [330, 46, 62],
  [190, 32, 66],
  [265, 28, 46],
  [36, 40, 80],
];

function plastic([hue, saturation, lightness]: readonly [number, number, number]): Ramp {
  const at = (shift: number) => `hsl(${hue} ${saturation}% ${Math.max(4, Math.min(97, lightness + shift))}%)`;
  return [at(34), at(16), at(0), at(-14), at(-28)];
}

/** A sewing button with two or four holes, sometimes with thread left in them. */
export const drawButton: Painter = (brush) => {
  const { id, random, light } = brush;
  const ramp = plastic(random.pick(PLASTICS));
  const four = random.chance(0.7);
  const spread = four ? 10.5 : 9;
  const spots: Point[] = four
    ? [
        [-spread, -spread],
        [spread, -spread],
        [spread, spread],
        [-spread, spread],
      ]
    : [
        [-spread, 0],
        [spread, 0],
      ];
  const holes = spots.map(([x, y]) => `<circle cx="${n(x)}" cy="${n(y)}" r="5.6"/>`).join('');
  const lips = spots.map(([x, y]) => `<circle cx="${n(x)}" cy="${n(y)}" r="6.4"/>`).join('');
  const cross = `M-${spread} -${spread}L${spread} ${spread}M${spread} -${spread}L-${spread} ${spread}`;
  const thread = random.chance(0.3)
    ? `<path d="${four ? cross : `M-${spread} 0L${spread} 0`}" ` +
      `stroke="${random.pick(['#efe9dd', '#22252b', '#a8322f'])}" stroke-width="4.6" stroke-linecap="round"/>`
    : '';
  const rim = random.range(30, 36);
  return {
    defs:
      linear(`${id}r`, [ramp[0], ramp[2], ramp[4]], light + 180) +
      linear(`${id}w`, [ramp[3], ramp[2], ramp[1]], light + 180) +
      radial(`${id}g`, ['rgba(255,255,255,.75)', 'rgba(255,255,255,.12)', 'rgba(255,255,255,0)'], light, 0.75),
    body:
      `<circle r="50" ${fill(`${id}r`)}/><circle r="46.5" fill="${ramp[2]}"/><circle r="46.5" ${fill(`${id}g`)}/>` +
      (`<circle r="${n(rim)}" ${fill(`${id}w`)}/><circle r="${n(rim)}" fill="none" stroke="${ramp[4]}" ` +
        'stroke-width="1" opacity=".6"/>') +
      `<g fill="${ramp[1]}">${lips}</g><g fill="#0d0c0b" opacity=".86">${holes}</g>${thread}`,
    outline: [regular(48, 50)],
  };
};

function bitPoints({ random }: Brush, from: number): Point[] {
  const points: Point[] = [[from, 0]];
  let x = from;
  while (x < 44) {
    const width = random.range(3, 6);
    const depth = random.range(5, 13);
    points.push([x + width * 0.3, depth], [x + width * 0.8, depth]);
    x += width;
  }
  return [...points, [48, 3], [48, 0]];
}

/** A key: bow with a hole, shaft, and either cylinder-lock cuts or a warded bit. */
export const drawKey: Painter = (brush) => (brush.random.chance(0.68) ? flatKey(brush) : skeletonKey(brush));

function flatKey(brush: Brush): Drawing {
  const { id, random, light } = brush;
  const ramp = random.pick([BRASS, STEEL, ZINC, GOLD]);
  const bow = random.chance(0.5) ? regular(40, 21, 0, -29) : regular(6, 22, Math.PI / 6, -29);
  const shaft: Point[] = [
    [-14, -6.5],
    [44, -6.5],
    [50, -1.5],
    [48, 3],
    [-14, 6.5],
  ];
  const bit = bitPoints(brush, 0);
  return {
    defs: polished(`${id}f`, ramp, light) + linear(`${id}e`, [ramp[0], ramp[3], ramp[4]], light + 180),
    body:
      `<g stroke="url(#${id}e)" stroke-width="1.6" ${fill(`${id}f`)}><path d="${pathOf(bit)}"/><path ` +
      `d="${pathOf(shaft)}"/>` +
      `<path fill-rule="evenodd" d="${pathOf(bow)}M-33 0A6 6 0 1 0 -45 0A6 6 0 1 0 -33 0Z"/></g>` +
      (`<path d="M-13 -2L45 -2" stroke="${ramp[4]}" stroke-width="2" opacity=".7"/><path d="M-13 -.4L45 -.4" ` +
        `stroke="${ramp[0]}" stroke-width=".9"/>`),
    outline: [bow, shaft, bit],
  };
}

function skeletonKey(brush: Brush): Drawing {
  const { id, random, light } = brush;
  const ramp = random.pick([BRASS, ZINC, COPPER, STEEL]);
  const bow = regular(40, 18, 0, -32);
  const shaft: Point[] = [
    [-15, -3.6],
    [50, -3.6],
    [50, 3.6],
    [-15, 3.6],
  ];
  const bit: Point[] = [
    [32, 2],
    [46, 2],
    [46, 20],
    [41.5, 20],
    [41.5, 12],
    [37.5, 12],
    [37.5, 20],
    [32, 20],
  ];
  return {
    defs: polished(`${id}f`, ramp, light) + linear(`${id}s`, [ramp[3], ramp[0], ramp[2], ramp[4]], 90),
    body:
      `<g stroke="${ramp[4]}" stroke-width="1"><path d="${pathOf(bit)}" ${fill(`${id}f`)}/><path ` +
      `d="${pathOf(shaft)}" ${fill(`${id}s`)}/>` +
      (`<rect x="-15" y="-6" width="5" height="12" ${fill(`${id}s`)}/><rect x="22" y="-5" width="3" ` +
        `height="10" ${fill(`${id}s`)}/>`) +
      `<g transform="translate(-32 0)"><path fill-rule="evenodd" d="${ringPath(18, 10.5)}" ${fill(`${id}f`)}/></g></g>`,
    outline: [bow, shaft, bit],
  };
}
