/** Screw, nut and washer: steel, zinc, brass, blackened and rusty ones. */
import {
  BLACKENED,
  BRASS,
  cogged,
  fill,
  linear,
  n,
  pathOf,
  polished,
  regular,
  ringPath,
  ringShadow,
  RUST,
  STEEL,
  ZINC,
  type Brush,
  type Drawing,
  type Painter,
  type Point,
  type Ramp,
} from './drawing.js';

const METALS: readonly Ramp[] = [STEEL, ZINC, BRASS, BLACKENED, RUST];
const METAL_WEIGHTS = [5, 3, 3, 2, 1];

function metalOf({ random }: Brush): Ramp {
  return METALS[random.weighted(METAL_WEIGHTS)] ?? STEEL;
}

/** Light across a cylinder that lies along x. */
function cylinder(id: string, ramp: Ramp, light: number): string {
  const [bright, pale, base, shade, dark] = ramp;
  const fromAbove = Math.sin((light * Math.PI) / 180) <= 0;
  const colours = fromAbove ? [shade, pale, bright, base, shade, dark] : [dark, shade, base, bright, pale, shade];
  return linear(id, colours, 90);
}

function headPoints(kind: number, half: number, shank: number, length: number): Point[] {
  const end = -50 + length;
  if (kind === 0)
    return [
      [-50, -half],
      [-48, -half],
      [end, -shank],
      [end, shank],
      [-48, half],
      [-50, half],
    ];
  if (kind === 1)
    return [
      [-50, -half],
      [end, -half],
      [end, half],
      [-50, half],
    ];
  const dome: Point[] = [];
  for (let i = 0; i <= 10; i++) {
    const angle = Math.PI / 2 + (Math.PI * i) / 10;
    dome.push([end + length * Math.cos(angle), -half * Math.sin(angle)]);
  }
  return dome;
}

function threadLines(from: number, to: number, radius: number, pitch: number, stroke: string, shift: number): string {
  let path = '';
  for (let x = from; x < to; x += pitch)
    path += `M${n(x + shift)} ${n(-radius)}L${n(x + shift + pitch * 0.55)} ${n(radius)}`;
  return `<path d="${path}" stroke="${stroke}" stroke-width="${n(pitch * 0.3)}" fill="none"/>`;
}

/** A screw lying on its side: countersunk, hexagon or pan head; wood screws taper, machine screws are blunt. */
export const drawScrew: Painter = (brush) => {
  const { id, random, light } = brush;
  const ramp = metalOf(brush);
  const kind = random.integer(0, 2);
  const shank = random.range(6, 9.5);
  const half = shank * random.range(1.9, 2.5);
  const head = [9, 12, 11][kind] ?? 10;
  const tapered = kind === 0 || random.chance(0.4);
  const start = -50 + head;
  const tip = tapered ? 50 - shank * 2.2 : 49;
  const body: Point[] = [
    [start - 1, -shank],
    [tip, -shank],
    [50, tapered ? 0 : -shank * 0.8],
    [50, tapered ? 0 : shank * 0.8],
    [tip, shank],
    [start - 1, shank],
  ];
  const crown = headPoints(kind, half, shank, head);
  const threadFrom = start + random.range(0, 22);
  const pitch = random.range(4, 6.2);
  const facets =
    kind === 1
      ? `<path d="M-50 ${n(-half * 0.36)}h${head}M-50 ${n(half * 0.36)}h${head}" stroke="${ramp[3]}" ` +
        'stroke-width="1.2"/>'
      : '';
  return {
    defs:
      cylinder(`${id}s`, ramp, light) +
      cylinder(`${id}h`, ramp, light) +
      `<clipPath id="${id}c"><path d="${pathOf(body)}"/></clipPath>`,
    body:
      `<path d="${pathOf(body)}" ${fill(`${id}s`)} stroke="${ramp[4]}" stroke-width=".8"/>` +
      (`<g clip-path="url(#${id}c)">${threadLines(threadFrom, 52, shank, pitch, ramp[4], 0)}` +
        `${threadLines(threadFrom, 52, shank, pitch, ramp[0], pitch * 0.42)}</g>`) +
      `<path d="${pathOf(crown)}" ${fill(`${id}h`)} stroke="${ramp[4]}" stroke-width="1"/>${facets}`,
    outline: [body, crown],
  };
};

/** A nut from above, or (one in seven) standing on edge. */
export const drawNut: Painter = (brush) => (brush.random.chance(0.14) ? nutOnEdge(brush) : nutFlat(brush));

function nutFlat(brush: Brush): Drawing {
  const { id, random, light } = brush;
  const ramp = metalOf(brush);
  const hole = random.range(22, 28);
  const hexagon = regular(6, 50);
  const rings = [0, 2.6, 5.2].map(
    (inset, i) => `<circle r="${n(hole - inset)}" fill="none" stroke="${ramp[i === 1 ? 1 : 3]}" stroke-width="1.3"/>`,
  );
  const edges = hexagon.map(([x, y], i) => {
    const facing = Math.cos(((60 * i + 30 - light) * Math.PI) / 180);
    const [x2, y2] = hexagon[(i + 1) % 6] ?? [0, 0];
    return (
      `<path d="M${n(x)} ${n(y)}L${n(x2)} ${n(y2)}" stroke="${facing > 0.2 ? ramp[0] : ramp[4]}" ` +
      'stroke-width="2.6"/>'
    );
  });
  return {
    defs:
      polished(`${id}f`, ramp, light) +
      linear(`${id}b`, [ramp[1], ramp[2], ramp[3]], light + 180) +
      linear(`${id}o`, [ramp[4], '#0b0b0d', ramp[3]], light + 180),
    body:
      `<path d="${pathOf(hexagon)}" ${fill(`${id}b`)}/>${edges.join('')}` +
      `<circle r="42.6" ${fill(`${id}f`)} stroke="${ramp[3]}" stroke-width=".8"/>` +
      `<circle r="${n(hole)}" ${fill(`${id}o`)} opacity=".92"/>${rings.join('')}`,
    outline: [hexagon],
  };
}

function nutOnEdge(brush: Brush): Drawing {
  const { id, light } = brush;
  const ramp = metalOf(brush);
  const box: Point[] = [
    [-50, -16],
    [-46, -20],
    [46, -20],
    [50, -16],
    [50, 16],
    [46, 20],
    [-46, 20],
    [-50, 16],
  ];
  const side = Math.cos((light * Math.PI) / 180) > 0;
  return {
    defs:
      linear(`${id}a`, side ? [ramp[3], ramp[2]] : [ramp[1], ramp[2]], 0) +
      linear(`${id}m`, [ramp[0], ramp[1], ramp[2]], 90),
    body:
      `<path d="${pathOf(box)}" ${fill(`${id}a`)} stroke="${ramp[4]}" stroke-width="1.2"/>` +
      `<rect x="-25" y="-20" width="50" height="40" ${fill(`${id}m`)} stroke="${ramp[3]}" stroke-width="1.2"/>` +
      (`<path d="M-50 -16Q-37 -23 -25 -17Q0 -25 25 -17Q37 -23 50 -16" fill="none" stroke="${ramp[0]}" ` +
        'stroke-width="1.6"/>') +
      `<path d="M-50 16Q-37 23 -25 17Q0 25 25 17Q37 23 50 16" fill="none" stroke="${ramp[4]}" stroke-width="1.6"/>`,
    outline: [box],
  };
}

/** A washer: plain, split (spring) or toothed. */
export const drawWasher: Painter = (brush) => {
  const { id, random, light } = brush;
  const ramp = metalOf(brush);
  const inner = random.range(22, 31);
  const kind = random.weighted([8, 2, 1.5]);
  const outer = kind === 2 ? cogged(14, 50, 42, 0.2) : regular(48, 50);
  const arc = `0A${n(inner)} ${n(inner)} 0 1 0`;
  const hole = `M${n(inner)} ${arc} ${n(-inner)} ${arc} ${n(inner)} 0Z`;
  const split = kind === 1 ? `<path d="M${n(inner - 2)} -3L52 5" stroke="#141414" stroke-width="5"/>` : '';
  return {
    defs:
      polished(`${id}f`, ramp, light) +
      linear(`${id}e`, [ramp[0], ramp[3], ramp[4]], light + 180) +
      linear(`${id}i`, [ramp[4], ramp[2], ramp[0]], light + 180),
    body:
      `<path d="${pathOf(outer)}${hole}" fill-rule="evenodd" ${fill(`${id}f`)}/>` +
      `<path d="${pathOf(outer)}" fill="none" stroke="url(#${id}e)" stroke-width="2.4"/>` +
      `<circle r="${n(inner)}" fill="none" stroke="url(#${id}i)" stroke-width="2.4"/>` +
      `<path d="${ringPath(40, 38.6)}" fill="${ramp[1]}" opacity=".35"/>${split}`,
    outline: [outer],
    shadow: ringShadow(49, inner),
  };
};
