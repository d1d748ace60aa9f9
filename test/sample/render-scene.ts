/** A scene as one SVG document, and the outline of each of its items in image px. */
import { PARTS } from './parts/catalogue.js';
import { n, pathOf, type Drawing, type Point } from './parts/drawing.js';
import { SCENE_HEIGHT as H, SCENE_WIDTH as W, type Scene, type SceneItem } from './scene.js';
import { SceneRandom } from './scene-random.js';
import { paintSurface } from './surfaces.js';

export interface RenderedScene {
  readonly svg: string;
  /** Per item: polygons in image px. */
  readonly outlines: readonly (readonly (readonly Point[])[])[];
}

/** Draws the scene: surface, then each item over its shadow, then the light over all. */
export function renderScene(scene: Scene): RenderedScene {
  const surface = paintSurface(scene.surface, new SceneRandom(scene.seed ^ 0x5f3759df));
  const drawings = scene.items.map((item, i) => paintItem(scene, item, i));
  const light = paintLight(scene);
  const blurs = [...new Set(scene.items.map((item) => item.blur).filter((blur) => blur > 0))];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${W}" height="${H}" viewBox="0 0 ${W} ${H}"><defs>` +
    shadowFilters(scene) +
    blurs.map((blur) => gaussian(`b${n(blur).replace('.', '_')}`, blur)).join('') +
    surface.defs +
    light.defs +
    drawings.map((drawing) => drawing.defs).join('') +
    `</defs>${surface.body}` +
    scene.items.map((item, i) => itemSvg(scene, item, drawings[i])).join('') +
    `${light.body}</svg>`;
  return {
    svg,
    outlines: scene.items.map((item, i) => drawings[i].outline.map((polygon) => placed(polygon, item))),
  };
}

function paintItem(scene: Scene, item: SceneItem, index: number): Drawing {
  return PARTS[item.kind].paint({
    id: `i${index}`,
    random: new SceneRandom(item.detail),
    light: scene.light.angle - item.angle,
  });
}

function placed(polygon: readonly Point[], { x, y, length, angle }: SceneItem): Point[] {
  const cos = (Math.cos((angle * Math.PI) / 180) * length) / 100;
  const sin = (Math.sin((angle * Math.PI) / 180) * length) / 100;
  return polygon.map(([px, py]) => [x + px * cos - py * sin, y + px * sin + py * cos] as const);
}

function itemSvg({ light }: Scene, item: SceneItem, { body, outline, shadow: caster }: Drawing): string {
  const turn = `translate(${n(item.x)} ${n(item.y)}) rotate(${n(item.angle)}) scale(${n(item.length / 100)})`;
  const height = PARTS[item.kind].height * item.length;
  const cast = (light.angle * Math.PI) / 180 + Math.PI;
  const reach = 0.8 + height * light.reach;
  const shape = caster ?? `<path d="${outline.map(pathOf).join('')}"/>`;
  const shadow = (distance: number, filter: string, opacity: number) =>
    `<g filter="url(#${filter})" opacity="${opacity}"><g ` +
    `transform="translate(${n(distance * Math.cos(cast))} ${n(distance * Math.sin(cast))}) ` +
    `${turn}">${shape}</g></g>`;
  const blur = item.blur > 0 ? ` filter="url(#b${n(item.blur).replace('.', '_')})"` : '';
  return (
    `${shadow(reach, 'soft', 0.46)}${shadow(0.8, 'contact', 0.55)}<g${blur}><g ` + `transform="${turn}">${body}</g></g>`
  );
}

function shadowFilters({ light }: Scene): string {
  return gaussian('soft', light.softness) + gaussian('contact', 0.9);
}

function gaussian(id: string, deviation: number): string {
  return (
    `<filter id="${id}" x="-40%" y="-40%" width="180%" height="180%"><feGaussianBlur ` +
    `stdDeviation="${n(deviation)}"/></filter>`
  );
}

function paintLight({ light, seed }: Scene): { defs: string; body: string } {
  const tint =
    light.warmth > 0 ? `rgba(255,176,84,${n(light.warmth * 0.16)})` : `rgba(110,160,255,${n(-light.warmth * 0.16)})`;
  const dark = light.warmth > 0 ? '14,8,2' : '3,6,14';
  const stops = [
    [0, 0],
    [0.35, light.falloff * 0.22],
    [0.7, light.falloff * 0.66],
    [1, light.falloff],
  ]
    .map(([at = 0, alpha = 0]) => `<stop offset="${n(at)}" stop-color="rgb(${dark})" stop-opacity="${n(alpha)}"/>`)
    .join('');
  const place = `gradientUnits="userSpaceOnUse" cx="${n(light.spotX)}" cy="${n(light.spotY)}"`;
  const defs =
    `<radialGradient id="dark" ${place} r="470">${stops}</radialGradient>` +
    (`<radialGradient id="glow" ${place} r="240"><stop offset="0" stop-color="#fff" stop-opacity=".2"/><stop ` +
      'offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>') +
    gaussian('slat', 3);
  const all = `width="${W}" height="${H}"`;
  return {
    defs,
    body:
      `<rect ${all} fill="${tint}"/><rect ${all} fill="url(#glow)"/><rect ${all} ` +
      `fill="url(#dark)"/>${slats(light.slats, seed)}`,
  };
}

/** The shadow of a window blind. */
function slats(count: number, seed: number): string {
  if (count === 0) return '';
  const random = new SceneRandom(seed ^ 0x1b873593);
  const turn = random.range(-35, 35);
  const pitch = 560 / count;
  const bars = Array.from(
    { length: count + 4 },
    (_, i) => `<rect x="-200" y="${n((i - 2) * pitch)}" width="900" height="${n(pitch * 0.42)}"/>`,
  ).join('');
  return `<g transform="rotate(${n(turn)} 240 180)" filter="url(#slat)" opacity=".42">${bars}</g>`;
}
