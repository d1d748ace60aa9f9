/** The bundled sample from the checkpoint to the list of labels to check, as a person calls it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NONE } from '../../src/core/tables.js';
import { SUSPICIONS as KINDS, type Suspicion } from '../../src/core/triage/label-suspects.js';
import { withRun } from '../../src/run/file/read-run.js';
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
