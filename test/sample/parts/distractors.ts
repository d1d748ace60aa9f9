/** Look-alikes and clutter: things that belong to no annotated class. */
import {
  BLACKENED,
  BRASS,
  cogged,
  COPPER,
  fill,
  linear,
  n,
  pathOf,
  polished,
  radial,
  regular,
  ringPath,
  ringShadow,
  STEEL,
  ZINC,
  type Brush,
  type Painter,
  type Point,
} from './drawing.js';

/** A rubber O-ring: a washer's shape, but round in section and dull. */
export const drawORing: Painter = ({ id, random, light }) => {
  const inner = random.range(30, 37);
  const colour = random.pick(['#1c1c1e', '#232a26', '#4a2320', '#7b2a24']);
  const middle = (50 + inner) / 2;
  return {
    defs: linear(`${id}g`, ['rgba(255,255,255,.55)', 'rgba(255,255,255,.06)', 'rgba(0,0,0,.2)'], light + 180),
    body:
      `<path fill-rule="evenodd" d="${ringPath(50, inner)}" fill="${colour}"/>` +
      `<circle r="${n(middle)}" fill="none" stroke="url(#${id}g)" stroke-width="${n((50 - inner) * 0.34)}"/>`,
    outline: [regular(40, 50)],
    shadow: ringShadow(50, inner),
  };
};

/** A nail: a screw without a thread. */
export const drawNail: Painter = ({ id, random, light }) => {
  const ramp = random.pick([STEEL, ZINC, BLACKENED]);
  const radius = random.range(3, 4.6);
  const head: Point[] = [
    [-50, -radius * 2.3],
    [-46.5, -radius * 2.3],
    [-46.5, radius * 2.3],
    [-50, radius * 2.3],
  ];
  const body: Point[] = [
    [-46.5, -radius],
    [42, -radius],
    [50, 0],
    [42, radius],
    [-46.5, radius],
  ];
  const above = Math.sin((light * Math.PI) / 180) <= 0;
  const colours = above ? [ramp[2], ramp[0], ramp[2], ramp[4]] : [ramp[4], ramp[2], ramp[0], ramp[2]];
  return {
    defs: linear(`${id}s`, colours, 90),
    body:
      `<g stroke="${ramp[4]}" stroke-width=".8" ${fill(`${id}s`)}><path d="${pathOf(body)}"/><path ` +
      `d="${pathOf(head)}"/></g>`,
    outline: [body, head],
  };
};

/** A crown cap, seen from above or from below (then nearly a coin). */
export const drawBottleCap: Painter = ({ id, random, light }) => {
  const crimps = cogged(21, 50, 45, 0.25);
  const upside = random.chance(0.5);
  const paint = random.pick(['#9c2b2b', '#1f5b4a', '#27407a', '#c7982c', '#d9d4c8', '#2a2a2c']);
  const star = `<path d="${pathOf(cogged(5, 22, 9, 0.25))}" fill="#f0e7d2" opacity=".85"/>`;
  return {
    defs:
      polished(`${id}f`, STEEL, light) +
      linear(`${id}s`, ['rgba(255,255,255,.5)', 'rgba(255,255,255,0)', 'rgba(0,0,0,.4)'], light + 180) +
      linear(`${id}i`, ['rgba(0,0,0,.5)', 'rgba(255,255,255,.3)'], light + 180),
    body: upside
      ? `<path d="${pathOf(crimps)}" fill="${paint}"/><circle r="40" fill="${paint}"/><circle r="40" ` +
        `${fill(`${id}s`)}/>${star}<path d="${pathOf(crimps)}" ${fill(`${id}s`)} opacity=".6"/>`
      : `<path d="${pathOf(crimps)}" ${fill(`${id}f`)}/><circle r="40" fill="#b9bdc0"/><circle r="40" ` +
        `${fill(`${id}i`)}/><circle r="33" fill="#cfcabb" opacity=".8"/>`,
    outline: [crimps],
  };
};

/** A glass or wooden bead. */
export const drawBead: Painter = ({ id, random, light }) => {
  const hue = random.integer(0, 359);
  const colours = [`hsl(${hue} 60% 92%)`, `hsl(${hue} 55% 62%)`, `hsl(${hue} 58% 38%)`, `hsl(${hue} 60% 16%)`];
  return {
    defs: radial(`${id}g`, colours, light, 0.6),
    body: `<circle r="50" ${fill(`${id}g`)}/><ellipse cx="4" cy="2" rx="11" ry="9" fill="#0b0b0b" opacity=".65"/>`,
    outline: [regular(40, 50)],
  };
};

/** A bent-wire paper clip. */
export const drawPaperclip: Painter = ({ random }) => {
  const ramp = random.pick([STEEL, BRASS, COPPER]);
  const wire =
    'M-34 9L30 9A9.5 9.5 0 0 0 30 -10L-38 -10A11.5 11.5 0 0 0 -38 13.5L36 13.5A12.5 12.5 0 0 0 36 -14L-22 -14';
  return {
    defs: '',
    body:
      `<g fill="none" stroke-linecap="round"><path d="${wire}" stroke="${ramp[4]}" stroke-width="4.4"/>` +
      (`<path d="${wire}" stroke="${ramp[2]}" stroke-width="3.2"/><path d="${wire}" stroke="${ramp[0]}" ` +
        'stroke-width="1.1"/></g>'),
    outline: [
      [
        [-50, -14],
        [48, -15],
        [49, -8],
        [-50, -7],
      ],
      [
        [-50, 7],
        [49, 7],
        [48, 15],
        [-50, 15],
      ],
    ],
    shadow: `<path d="${wire}" fill="none" stroke="#000" stroke-width="4"/>`,
  };
};

/** A match, fresh or burnt. */
export const drawMatch: Painter = ({ id, random }) => {
  const burnt = random.chance(0.35);
  const stick: Point[] = [
    [-42, -2.6],
    [50, -2.6],
    [50, 2.6],
    [-42, 2.6],
  ];
  return {
    defs:
      linear(`${id}w`, ['#f3dfb4', '#d8b983', '#a98752'], 90) +
      radial(`${id}h`, burnt ? ['#555', '#222', '#0c0c0c'] : ['#e06a55', '#a82a22', '#5c120e'], -60, 0.5),
    body: `<path d="${pathOf(stick)}" ${fill(`${id}w`)}/><ellipse cx="-43" rx="7" ry="4.6" ${fill(`${id}h`)}/>`,
    outline: [stick, regular(12, 5, 0, -44)],
  };
};

/** A gear: a nut's hole, a coin's size, neither's outline. */
export const drawGear: Painter = ({ id, random, light }) => {
  const ramp = random.pick([BRASS, STEEL]);
  const teeth = random.integer(11, 18);
  const rim = cogged(teeth, 50, 42, 0.22);
  const hole = random.range(8, 14);
  const spokes = Array.from({ length: 5 }, (_, i) => `<circle cx="24" r="7.4" transform="rotate(${72 * i})"/>`).join(
    '',
  );
  return {
    defs: polished(`${id}f`, ramp, light),
    body:
      `<path d="${pathOf(rim)}" ${fill(`${id}f`)} stroke="${ramp[4]}" stroke-width="1.4"/><circle r="37" ` +
      `fill="none" stroke="${ramp[3]}" stroke-width="1.6"/>` +
      `<g fill="#17140f" opacity=".8">${spokes}<circle r="${n(hole * 0.6)}"/></g>`,
    outline: [rim],
  };
};

/** A tablet with a score line: a button without holes. */
export const drawTablet: Painter = ({ id, random, light }) => {
  const hue = random.pick([40, 200, 340, 100]);
  return {
    defs: linear(`${id}g`, [`hsl(${hue} 30% 97%)`, `hsl(${hue} 26% 88%)`, `hsl(${hue} 18% 66%)`], light + 180),
    body:
      `<circle r="50" ${fill(`${id}g`)}/><circle r="43" fill="none" stroke="#000" stroke-opacity=".1" ` +
      'stroke-width="3"/><path d="M-40 -1.5H40" stroke="#000" stroke-opacity=".28" stroke-width="3.4"/>',
    outline: [regular(40, 50)],
  };
};

/** A hexagonal pencil stub. */
export const drawPencil: Painter = ({ id, random }) => {
  const hue = random.pick([48, 8, 210, 140]);
  const shape: Point[] = [
    [-50, -6],
    [32, -6],
    [50, 0],
    [32, 6],
    [-50, 6],
  ];
  return {
    defs:
      linear(`${id}b`, [`hsl(${hue} 60% 62%)`, `hsl(${hue} 66% 50%)`, `hsl(${hue} 70% 32%)`], 90) +
      linear(`${id}w`, ['#f0d9ad', '#d2ac74', '#94703f'], 90),
    body:
      `<path d="${pathOf(shape)}" ${fill(`${id}w`)}/><path d="M-50 -6H32Q29 -3 32 -2Q29 0 32 2Q29 3 32 ` +
      `6H-50Z" ${fill(`${id}b`)}/>` +
      ('<path d="M44 -2L50 0L44 2Z" fill="#26262a"/><path d="M-50 -2H31M-50 2.2H31" stroke="#000" ' +
        'stroke-opacity=".22" stroke-width=".7"/>'),
    outline: [shape],
  };
};

/** A resistor on its leads. */
export const drawResistor: Painter = ({ id, random }) => {
  const bands = Array.from(
    { length: 4 },
    (_, i) =>
      `<rect x="${-17 + i * 9}" y="-8" width="3.6" height="16" ` +
      `fill="${random.pick(['#6b3410', '#b3261e', '#e0802a', '#20242b', '#3c6e3a', '#c9a24a'])}"/>`,
  ).join('');
  const shape: Point[] = [
    [-22, -9],
    [22, -9],
    [22, 9],
    [-22, 9],
  ];
  return {
    defs:
      linear(`${id}b`, ['#f0dcb0', '#d6b983', '#8f7343'], 90) + linear(`${id}l`, [STEEL[1], STEEL[0], STEEL[3]], 90),
    body:
      `<rect x="-50" y="-1.5" width="100" height="3" ${fill(`${id}l`)}/><rect x="-22" y="-9" width="44" ` +
      `height="18" rx="7" ${fill(`${id}b`)}/>${bands}`,
    outline: [
      shape,
      [
        [-50, -1.5],
        [50, -1.5],
        [50, 1.5],
        [-50, 1.5],
      ],
    ],
  };
};

function sketch({ random }: Brush): string {
  const hexagon = pathOf(regular(6, 20));
  const shapes = [
    `<path d="${hexagon}"/><circle r="10"/><circle r="16.5" stroke-dasharray="3 2"/>`,
    `<circle r="20"/><circle r="10"/><path d="M-26 0H26M0 -26V26" stroke-width=".6" stroke-dasharray="5 2 1 2"/>`,
    '<path d="M-24 -8H-18V-4H20L25 0L20 4H-18V8H-24Z"/><path d="M-12 -4L-9 4M-6 -4L-3 4M0 -4L3 4M6 -4L9 4M12 ' +
      '-4L15 4"/>',
  ];
  const at = [
    [-24, -14],
    [22, -12],
    [0, 19],
  ] as const;
  const order = random.integer(0, 2);
  return at
    .map(([x, y], i) => `<g transform="translate(${x} ${y}) scale(.72)">${shapes[(i + order) % 3]}</g>`)
    .join('');
}

/** A scrap of paper with technical drawings of the very parts that lie about: drawn, not real, so not annotated. */
export const drawSketch: Painter = (brush) => {
  const { id, random } = brush;
  const sheet: Point[] = [
    [-50, -37],
    [47, -39],
    [50, 36],
    [12, 38],
    [-48, 37],
  ];
  const [paper, ink] = random.chance(0.4) ? (['#27508c', '#dfe9f7'] as const) : (['#f1ecdf', '#2d3c66'] as const);
  return {
    defs: linear(`${id}g`, ['rgba(255,255,255,.22)', 'rgba(0,0,0,0)', 'rgba(0,0,0,.14)'], 30),
    body:
      `<path d="${pathOf(sheet)}" fill="${paper}"/><path d="${pathOf(sheet)}" ${fill(`${id}g`)}/>` +
      (`<g fill="none" stroke="${ink}" stroke-width="1.3" opacity=".9">${sketch(brush)}</g><path d="M-1 -38L2 ` +
        '37" stroke="#000" stroke-opacity=".12" stroke-width="1"/>'),
    outline: [sheet],
  };
};
