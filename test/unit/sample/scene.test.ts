import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { annotateScene } from '../../sample/annotate.js';
import { cocoOf } from '../../sample/coco.js';
import { NUM_MISTAKES, NUM_SAMPLE_IMAGES, sampleFileName } from '../../sample/make-scenes.js';
import { PARTS, SAMPLE_CLASSES } from '../../sample/parts/catalogue.js';
import { plantMistakes } from '../../sample/planted-mistakes.js';
import { rasteriseScene } from '../../sample/rasterise.js';
import { renderScene } from '../../sample/render-scene.js';
import { generateScene, LAYOUTS, SCENE_HEIGHT, SCENE_WIDTH, sceneSeed, STREAMS, SURFACES } from '../../sample/scene.js';
import { measureVisible } from '../../sample/silhouettes.js';

const SEED = 7;
const sample = Array.from({ length: NUM_SAMPLE_IMAGES }, (_, i) => generateScene(sceneSeed(SEED, 'sample', i)));

describe('scenes', () => {
  test('the same seed gives the same scene and the same drawing', () => {
    const again = generateScene(sceneSeed(SEED, 'sample', 3));
    expect(again).toEqual(sample[3]);
    expect(renderScene(again).svg).toBe(renderScene(sample[3]).svg);
    expect(generateScene(sceneSeed(SEED, 'sample', 4))).not.toEqual(again);
  });

  test('streams share no scene', () => {
    const seeds = STREAMS.flatMap((stream) => [0, 1, 41, 0x3ffff].map((index) => sceneSeed(SEED, stream, index)));
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  test('the sample shows every surface, layout, class and distractor', () => {
    expect(new Set(sample.map(({ surface }) => surface))).toEqual(new Set(SURFACES));
    expect(new Set(sample.map(({ layout }) => layout))).toEqual(new Set(LAYOUTS));
    expect(new Set(sample.flatMap(({ items }) => items.map(({ kind }) => kind)))).toEqual(new Set(Object.keys(PARTS)));
  });

  test('a drawing rasterises to its size, the same bytes each time', async () => {
    const { svg } = renderScene(sample[0]);
    const hash = async () => {
      const { data, width, height } = await rasteriseScene(sample[0], svg);
      expect([width, height]).toEqual([SCENE_WIDTH, SCENE_HEIGHT]);
      return createHash('sha256').update(data).digest('hex');
    };
    expect(await hash()).toBe(await hash());
  });
});

describe('what is visible', () => {
  const square = (x: number, y: number, side: number) => [
    [
      [x, y],
      [x + side, y],
      [x + side, y + side],
      [x, y + side],
    ] as const,
  ];

  test('a later square hides part of an earlier one', () => {
    const [lower, upper] = measureVisible([square(100, 100, 40), square(120, 90, 60)]);
    expect(lower).toEqual({ x1: 100, y1: 100, x2: 120, y2: 140, area: 800, share: 0.5 });
    expect(upper).toEqual({ x1: 120, y1: 90, x2: 180, y2: 150, area: 3600, share: 1 });
  });

  test('the part outside the image counts as hidden', () => {
    const [cut] = measureVisible([square(-30, 10, 40)]);
    expect(cut).toEqual({ x1: 0, y1: 10, x2: 10, y2: 50, area: 400, share: 0.25 });
  });

  test('a hidden item has no box; polygons of one item count once', () => {
    const [hidden, both] = measureVisible([square(50, 50, 10), [...square(40, 40, 30), ...square(60, 40, 30)]]);
    expect(hidden).toEqual({ x1: 0, y1: 0, x2: 0, y2: 0, area: 0, share: 0 });
    expect(both).toEqual({ x1: 40, y1: 40, x2: 90, y2: 70, area: 1500, share: 1 });
  });
});

describe('the bundled annotations', () => {
  const folder = new URL('../../../media/sample/', import.meta.url);
  const file = JSON.parse(readFileSync(new URL('instances.json', folder), 'utf8')) as {
    annotations: { bbox: number[]; category_id: number }[];
  };
  const truth = sample.map((scene) => annotateScene(scene, renderScene(scene)));
  const { objects, mistakes } = plantMistakes(truth, NUM_MISTAKES, SEED);

  test('are those of the scenes, but for the planted mistakes', () => {
    expect(file).toEqual(
      JSON.parse(
        JSON.stringify(
          cocoOf(
            truth.map((_, i) => sampleFileName(i)),
            objects,
          ),
        ),
      ),
    );
    expect(mistakes).toHaveLength(NUM_MISTAKES);
    expect(new Set(mistakes.map(({ kind }) => kind)).size).toBe(4);
    expect(new Set(mistakes.map(({ image }) => image)).size).toBe(NUM_MISTAKES);
  });

  test('each mistake changes its image as it says', () => {
    for (const { image, kind, truth: target } of mistakes) {
      const [before, after] = [truth[image], objects[image]];
      expect(after.length - before.length).toBe(kind === 'missing' ? -1 : kind === 'duplicate' ? 1 : 0);
      expect(after.includes(target)).toBe(kind === 'duplicate');
    }
  });

  test('lie inside their images and cover every class', () => {
    for (const {
      bbox: [x, y, width, height],
    } of file.annotations) {
      expect(
        width > 0 && height > 0 && x >= 0 && y >= 0 && x + width <= SCENE_WIDTH && y + height <= SCENE_HEIGHT,
      ).toBe(true);
    }
    const counts = SAMPLE_CLASSES.map((_, k) => file.annotations.filter(({ category_id: id }) => id === k + 1).length);
    expect(Math.min(...counts)).toBeGreaterThan(30);
  });

  test('the README lists each of them', () => {
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    for (const { image, note } of mistakes)
      expect(readme).toMatch(new RegExp(`${sampleFileName(image)} \\|.*\\| ${note} \\|`));
  });

  test('every image is there with its size', async () => {
    for (let i = 0; i < NUM_SAMPLE_IMAGES; i++) {
      const { width, height } = await sharp(readFileSync(new URL(sampleFileName(i), folder))).metadata();
      expect([width, height]).toEqual([SCENE_WIDTH, SCENE_HEIGHT]);
    }
  });
});
