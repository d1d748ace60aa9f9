/** The bundled sample from the checkpoint to the list of labels to check, as a person calls it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roiAlign } from '../../src/core/boxes/roi-align.js';
import { NONE } from '../../src/core/tables.js';
import { SUSPICIONS as KINDS, type Suspicion } from '../../src/core/triage/label-suspects.js';
import { decodeImage } from '../../src/dataset/pixels/decode-image.js';
import { tfjsWasm } from '../../src/engine/tfjs/tfjs-wasm.js';
import { readImage, withRun } from '../../src/run/file/read-run.js';
import { readSuspects } from '../../src/run/gallery/suspect-items.js';
import type { RunSuspects } from '../../src/run/query/label-suspects.js';
import { buildCli, ROOT, type BuiltCli } from '../built-cli.js';
import { NUM_MISTAKES } from '../sample/make-scenes.js';

let folder: string;
let run: string;
let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-triage-'));
  run = path.join(folder, 'sample.ohem');
  const sample = path.join(ROOT, 'media/sample');
  const inputs = ['--checkpoint', path.join(sample, 'checkpoint'), '--data', path.join(sample, 'instances.json')];
  expect(await cli.ohem('mine', ...inputs, '--out', run)).toMatchObject({ status: 0 });
}, 180_000);
afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true });
});

const SUSPICION_IDS = KINDS.map(({ id }) => id);

/** What the suspicion of each kind of mistake may be. */
const SUSPICIONS: Readonly<Record<string, readonly Suspicion[]>> = {
  missing: ['overlooked', 'missing'],
  duplicate: ['duplicate'],
  'shifted box': ['badly-located'],
  'wrong class': ['swapped', 'disagreement'],
};

/** The table of the sample's README. */
async function plantedMistakes() {
  const readme = await readFile(path.join(ROOT, 'media/sample/README.md'), 'utf8');
  return [...readme.matchAll(/^\| (images\S+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$/gm)].map(([, image, kind, truth]) => ({
    image,
    kind,
    truth: truth.split(',').map(Number),
  }));
}

describe('the labels of the sample that are wrong on purpose', () => {
  it('stand in the first ten, but for one that the detector hardly sees', async () => {
    const { stdout } = await cli.ohem('suspects', run, '--top', '10', '--format', 'json');
    const { suspects } = JSON.parse(stdout) as RunSuspects;
    const mistakes = await plantedMistakes();
    expect(mistakes).toHaveLength(NUM_MISTAKES);
    const unseen = mistakes.filter(
      (mistake) =>
        !suspects.some(({ image, kind, gt_box, pred_box }) => {
          const [x1, y1] = pred_box ?? gt_box ?? [];
          const distance = Math.hypot(Number(x1) - mistake.truth[0], Number(y1) - mistake.truth[1]);
          return image === mistake.image && distance < 12 && SUSPICIONS[mistake.kind].includes(kind);
        }),
    );
    expect(unseen).toMatchObject([{ image: 'images/bench-33.jpg', kind: 'missing' }]);
  });

  it('come in the same order in the gallery, which knows whole scores from provisional ones', async () => {
    const { stdout } = await cli.ohem('suspects', run, '--format', 'json');
    const { suspects } = JSON.parse(stdout) as RunSuspects;
    const { items, facts } = await withRun(run, (reader) => readSuspects(reader));
    const listed = Array.from(items.image, (image, i) => [
      image,
      items.gt[i],
      SUSPICION_IDS[items.suspicions?.kind[i] ?? 0],
    ]);
    expect(listed).toEqual(suspects.map(({ image_index, gt_index, kind }) => [image_index, gt_index ?? NONE, kind]));
    expect(facts).toMatchObject({ complete: true, numImages: 42, ofTraining: false, sure: { high: 0.95 } });
  });

  it('are told with formulas, and whether the figures are whole', async () => {
    const { stdout } = await cli.ohem('suspects', run, '--top', '3');
    expect(stdout).toMatch(/^duplicate +2 +1 − IoU +two labels of one class in one place$/m);
    const cut = path.join(folder, 'cut.ohem');
    await writeFile(cut, (await readFile(run)).subarray(0, 2 ** 20));
    const { status, stderr } = await cli.ohem('suspects', cut, '--quantiles', '--format', 'json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^note: provisional: the least similarity and quantiles are of \d+ of 42 images$/m);
  });
});

describe('the errors of the sample', () => {
  it('are counted and priced, and said not to add up', async () => {
    const { stdout } = await cli.ohem('errors', run);
    expect(stdout).toMatch(/^42 images · AP at IoU \.5: 8\d\.\d\d · \d+ true positives/);
    expect(stdout).toMatch(/^Dupe +\d+ +\d\.\d\d {2}one more of an object/m);
    expect(stdout).toContain('They do not add up');
    const { errors } = JSON.parse((await cli.ohem('errors', run, '--format', 'json')).stdout) as { errors: object[] };
    expect(errors).toHaveLength(6);
    expect(errors[0]).toMatchObject({ type: 'Cls', count: expect.any(Number), delta_ap: expect.any(Number) });
  });
});

interface SimilarAnswer {
  readonly num_looked: number;
  readonly num_images: number;
  readonly features: string;
  readonly items: readonly { readonly image: string; readonly similarity: number; readonly label: string }[];
}

describe('what looks like an object of the sample', () => {
  const nut = ['--image', 'images/bench-27.jpg', '--object', '1'];

  it('is of its class, and comes without the model the second time', async () => {
    const { stdout } = await cli.ohem('similar', run, ...nut, '--top', '12', '--format', 'json');
    const answer = JSON.parse(stdout) as SimilarAnswer;
    expect(answer).toMatchObject({ num_looked: 42, num_images: 42, features: 'features_relu' });
    expect(answer.items.map(({ label }) => label)).toEqual(Array.from({ length: 12 }, () => 'nut'));
    expect(answer.items[0]).toMatchObject({ image: 'images/bench-27.jpg', similarity: 1 });
    expect((await cli.ohem('similar', run, ...nut, '--top', '12', '--format', 'json')).stdout).toBe(stdout);
    const table = (await cli.ohem('similar', run, ...nut, '--of', 'detections', '--look', '2')).stdout;
    expect(table).toMatch(/^cosine of features_relu · 2 of 42 images looked at\n/);
  });

  it('has the cosines of what its head pools of it', async () => {
    const { stdout } = await cli.ohem('similar', run, ...nut, '--top', '9999', '--format', 'json');
    const { items } = JSON.parse(stdout) as SimilarAnswer;
    const told = items.filter(({ image }) => image === 'images/bench-27.jpg').map(({ similarity }) => similarity);
    const expected = await cosinesOfPooled('images/bench-27.jpg', 1);
    expect(told).toHaveLength(expected.length);
    told.forEach((similarity, i) => expect(similarity).toBeCloseTo(expected[i] ?? NaN, 4));
  });

  it('is told of a place that is none', async () => {
    const missing = await cli.ohem('similar', run, '--image', 'images/bench-27.jpg', '--object', '999');
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/^options: object: expected a row in \[0, \d+\), received 999/);
  });
});

/**
 * Cosines of all objects of an image with one of them, largest first: pixels, body, RoIAlign and mean of the bins of
 * the head, each by hand.
 */
async function cosinesOfPooled(image: string, object: number): Promise<number[]> {
  const sample = path.join(ROOT, 'media/sample');
  const { width, height, data } = await decodeImage(path.join(sample, image));
  const padded = new Float32Array(480 * 368 * 3);
  data.forEach((value, i) => (padded[i] = (value - 128) / 64));
  expect([width, height]).toEqual([480, 360]);
  const engine = await tfjsWasm.start();
  const body = await engine.loadGraph(path.join(sample, 'checkpoint/body/model.json'), 'tfjs-layers');
  const [{ name: input }] = body.inputs;
  const { features_relu: map } = await body.run({ [input]: { shape: [1, 368, 480, 3], data: padded } });
  const [, mapHeight, mapWidth, channels] = map.shape;
  const gts = await withRun(run, async (reader) => {
    const place = reader.images.indexOf('id', image);
    return (await readImage(reader, place)).gts;
  });
  const options = { pooledSize: 5, samplingRatio: 1, spatialScale: 1 / 8 };
  const pooled = roiAlign(Float32Array.from(map.data), mapHeight, mapWidth, channels, gts, options);
  body.dispose();
  await engine.dispose();
  const vectors = Array.from({ length: gts.numGts }, (_, gt) =>
    Array.from({ length: channels }, (__, c) => {
      const bins = Array.from({ length: 25 }, (___, bin) => pooled[(gt * 25 + bin) * channels + c]);
      return bins.reduce((sum, value) => sum + value, 0) / 25;
    }),
  );
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  return vectors.map((vector) => cosine(vector, vectors[object])).sort((a, b) => b - a);
}
