/** What the parts lie on: textures made of turbulence, seeded by the scene. */
import { linear, n } from './parts/drawing.js';
import { SCENE_HEIGHT as H, SCENE_WIDTH as W, type Surface } from './scene.js';
import type { SceneRandom } from './scene-random.js';

interface Cloth {
  readonly defs: string;
  readonly body: string;
}

/**
 * Turbulence as light and dark specks over what is below it.
 * `gain` is the contrast; alpha of black is gain * (bias - noise).
 */
function specks(
  id: string,
  frequency: string,
  octaves: number,
  seed: number,
  colour: string,
  gain: number,
  bias: number,
): Cloth {
  const [r, g, b] = colour.split(',').map((part) => Number(part) / 255) as [number, number, number];
  return {
    defs:
      `<filter id="${id}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">` +
      `<feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="${octaves}" seed="${seed}"/>` +
      (`<feColorMatrix values="0 0 0 0 ${n(r)} 0 0 0 0 ${n(g)} 0 0 0 0 ${n(b)} ${n(-gain)} 0 0 0 ` +
        `${n(gain * bias)}"/></filter>`),
    body: `<rect x="-20%" y="-20%" width="140%" height="140%" filter="url(#${id})"/>`,
  };
}

function wood(random: SceneRandom, base: string, grain: string, gap: string): Cloth {
  const seed = random.integer(1, 9999);
  const vertical = random.chance(0.4);
  const long = n(random.range(0.004, 0.008));
  const across = n(random.range(0.09, 0.16));
  const coarse = specks('grain', vertical ? `${across} ${long}` : `${long} ${across}`, 4, seed, grain, 2.3, 0.52);
  const fine = specks('pore', vertical ? `.6 .02` : `.02 .6`, 2, seed + 1, grain, 1.6, 0.5);
  const lines: string[] = [];
  const plank = random.range(90, 150);
  for (let at = random.range(0, plank); at < (vertical ? W : H); at += plank) {
    lines.push(vertical ? `M${n(at)} 0V${H}` : `M0 ${n(at)}H${W}`);
  }
  const path = lines.join('');
  return {
    defs: coarse.defs + fine.defs,
    body:
      `<rect width="${W}" height="${H}" fill="${base}"/>${coarse.body}${fine.body}<path d="${path}" ` +
      `stroke="${gap}" stroke-width="2" opacity=".75"/><path d="${path}" transform="translate(1.3 1.3)" ` +
      'stroke="#fff" stroke-width=".7" opacity=".22"/>',
  };
}

function slate(random: SceneRandom): Cloth {
  const seed = random.integer(1, 9999);
  const cloud = specks('cloud', '.009 .014', 5, seed, '10,14,18', 1.5, 0.58);
  const chips = specks('chips', '.35', 3, seed + 2, '190,205,214', 2.6, 0.36);
  return {
    defs: cloud.defs + chips.defs,
    body: `<rect width="${W}" height="${H}" fill="#4b555d"/>${cloud.body}${chips.body}`,
  };
}

function cuttingMat(random: SceneRandom): Cloth {
  const hue = random.pick([158, 160, 205]);
  const step = random.range(26, 40);
  const turn = random.range(-12, 12);
  let thick = '';
  let thin = '';
  for (let i = -20; i < 40; i++) {
    const line = `M${n(i * step)} -300V800M-300 ${n(i * step)}H900`;
    if (i % 5 === 0) thick += line;
    else thin += line;
  }
  const dust = specks('dust', '.5', 2, random.integer(1, 9999), '220,235,228', 2, 0.33);
  return {
    defs: dust.defs,
    body:
      `<rect width="${W}" height="${H}" fill="hsl(${hue} 38% 27%)"/>${dust.body}` +
      (`<g transform="rotate(${n(turn)})" stroke="#d8e6bd" fill="none"><path d="${thin}" opacity=".3" ` +
        `stroke-width=".8"/><path d="${thick}" opacity=".55" stroke-width="1.3"/></g>`),
  };
}

function linen(random: SceneRandom): Cloth {
  const hue = random.pick([36, 28, 210, 350]);
  const seed = random.integer(1, 9999);
  const warp = specks('warp', '.9 .03', 2, seed, '70,58,44', 2.2, 0.5);
  const weft = specks('weft', '.03 .9', 2, seed + 1, '70,58,44', 2.2, 0.5);
  const folds = specks('folds', '.003 .008', 2, seed + 2, '20,14,8', 1.3, 0.5);
  return {
    defs: warp.defs + weft.defs + folds.defs,
    body: `<rect width="${W}" height="${H}" fill="hsl(${hue} 26% 72%)"/>${warp.body}${weft.body}${folds.body}`,
  };
}

function steelTray(random: SceneRandom): Cloth {
  const seed = random.integer(1, 9999);
  const brushed = specks('brushed', '.004 .8', 3, seed, '24,28,32', 2.2, 0.52);
  const shine = specks('shine', '.003 .5', 2, seed + 3, '255,255,255', 1.8, 0.42);
  return {
    defs: linear('tray', ['#b7bdc2', '#8d949a', '#c6ccd0', '#7e858b'], random.range(0, 90)) + brushed.defs + shine.defs,
    body: `<rect width="${W}" height="${H}" fill="url(#tray)"/>${brushed.body}${shine.body}`,
  };
}

function paper(random: SceneRandom): Cloth {
  const seed = random.integer(1, 9999);
  const fibre = specks('fibre', '.04 .25', 3, seed, '80,54,24', 1.6, 0.5);
  const pulp = specks('pulp', '.7', 2, seed + 1, '60,40,18', 1.2, 0.5);
  const cx = random.range(60, W - 60);
  const cy = random.range(60, H - 60);
  const cup = random.range(46, 70);
  const stain =
    `<g fill="none" stroke="#5a3413"><circle cx="${n(cx)}" cy="${n(cy)}" r="${n(cup)}" stroke-width="3.4" ` +
    `opacity=".3"/><circle cx="${n(cx + 1.5)}" cy="${n(cy + 1)}" r="${n(cup - 2)}" stroke-width="7" ` +
    'opacity=".1"/></g>';
  return {
    defs: fibre.defs + pulp.defs,
    body: `<rect width="${W}" height="${H}" fill="#c9a877"/>${fibre.body}${pulp.body}${stain}`,
  };
}

/** The surface as SVG definitions and body. */
export function paintSurface(surface: Surface, random: SceneRandom): Cloth {
  if (surface === 'oak') return wood(random, '#c99c66', '92,54,20', '#3d2410');
  if (surface === 'walnut') return wood(random, '#6e4629', '26,12,4', '#1d0f06');
  if (surface === 'slate') return slate(random);
  if (surface === 'cutting-mat') return cuttingMat(random);
  if (surface === 'linen') return linen(random);
  return surface === 'steel' ? steelTray(random) : paper(random);
}
