import { detect, detectFlat } from './fake-output.js';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeImage as decodeRow } from '../../../../src/arrow/decode-run.js';
import type { Detector } from '../../../../src/checkpoint/detector.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { FAST_RCNN_MEASURE } from '../../../../src/core/measure/measure-config.js';
import type { RgbImage } from '../../../../src/core/graph.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { encodePng } from '../../../../src/dataset/pixels/decode-image.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import type { MineOptions } from '../../../../src/protocol/mining-requests.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';
import { withRun } from '../../../../src/run/file/read-run.js';
import { openRun } from '../../../../src/run/file/run-store.js';
import { summarise } from '../../../../src/run/query/summarise-run.js';

const model = vi.hoisted(() => ({
  detect: null as null | ((image: RgbImage) => Promise<DetectorOutput>),
  classes: ['cat', 'dog'] as string[] | null,
  opened: 0,
}));
vi.mock('../../../../src/engine/registry.js', () => ({
  startEngine: (_format: string, pinned: string | null) =>
    Promise.resolve({
      engine: {
        facts: { id: pinned ?? 'fake', version: '1', device: 'CPU' },
        loadGraph: () => Promise.reject(new Error('no graph')),
        dispose: () => Promise.resolve(),
      },
      refused: ['better: not here'],
    }),
}));
vi.mock('../../../../src/checkpoint/open-model.js', () => ({
  openModel: (file: string) => {
    model.opened++;
    return Promise.resolve({ path: file, format: 'onnx', sha256: 'abc', open: () => Promise.resolve(fakeDetector()) });
  },
}));

function fakeDetector(): Detector {
  return {
    family: 'fake',
    classes: model.classes,
    numClasses: 2,
    inputWidth: 8,
    inputHeight: 8,
    scoreForm: { activation: 'softmax', given: 'logits' },
    measureDefaults: FAST_RCNN_MEASURE,
    notes: [],
    detect: (image) => (model.detect ?? detect)(image),
    features: () => Promise.reject(new Error('nobody asks for features')),
    dispose: () => undefined,
  };
}

let folder: string;
let options: MineOptions;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-mine-'));
  model.detect = null;
  model.classes = ['cat', 'dog'];
  model.opened = 0;
  for (let i = 0; i < 6; i++) {
    const data = new Uint8Array(20 * 16 * 3).fill(i * 30);
    if (i !== 2) await encodePng({ width: 20, height: 16, data }, path.join(folder, `${i}.png`));
  }
  await writeFile(path.join(folder, '2.png'), 'no image');
  await writeDataset(6);
  options = {
    checkpointPath: '/m/net.onnx',
    datasetPath: path.join(folder, 'instances.json'),
    dataset: { images: folder },
    outPath: path.join(folder, 'it.ohem'),
    mining: resolveConfig('paper', { batchSize: 4 }),
    measure: {},
    backend: null,
    limit: null,
    resume: false,
  };
});
afterEach(() => rm(folder, { recursive: true }));

async function writeDataset(numImages: number, names = ['cat', 'dog']): Promise<void> {
  const images = Array.from({ length: numImages }, (_, i) => ({
    id: i + 1,
    file_name: `${i}.png`,
    width: 20,
    height: 16,
  }));
  const annotations = images.map(({ id }) => ({
    id,
    image_id: id,
    category_id: (id % 2) + 1,
    bbox: [2, 2, 10, 10],
    area: 100,
    iscrowd: 0,
  }));
  const categories = names.map((name, i) => ({ id: i + 1, name }));
  await writeFile(path.join(folder, 'instances.json'), JSON.stringify({ images, annotations, categories }));
}

async function mine(changes: Partial<MineOptions> = {}, signal?: AbortSignal, onEvent?: (event: WorkerEvent) => void) {
  const events: WorkerEvent[] = [];
  const result = await mineRun(
    { ...options, ...changes },
    (event) => {
      events.push(event);
      onEvent?.(event);
    },
    signal,
  );
  return { result, events };
}

const exists = () =>
  stat(options.outPath).then(
    () => true,
    () => false,
  );

describe('mineRun', () => {
  it('measures every image once, records the broken one and goes on', async () => {
    const { result, events } = await mine();
    expect(result).toEqual({ state: 'done', numDone: 6, numFailed: 1, numWithoutLoss: 0 });
    const run = await openRun(options.outPath);
    expect(run.complete).toBe(true);
    expect(run.images.map(({ id }) => id)).toEqual(['0.png', '1.png', '2.png', '3.png', '4.png', '5.png']);
    expect(run.images.at(2)).toMatchObject({ numRois: 0, numGts: 0, error: expect.stringMatching(/^image: 2\.png: /) });
    expect(run.images.at(3)).toMatchObject({ numRois: 6, numGts: 1, numSelected: 2, error: '', width: 20, height: 16 });
    expect(run.manifest).toMatchObject({
      classes: ['cat', 'dog'],
      backend: { id: 'fake', refused: ['better: not here'] },
      dataset: { numImages: 6 },
      lossSource: 'proxy',
    });
    const told = events.filter((event) => event.event === 'image');
    expect(told.map(({ imageIndex, start, end }) => ({ imageIndex, start, end }))).toEqual(
      run.ranges.map(({ start, end }, imageIndex) => ({ imageIndex, start, end })),
    );
    expect(events.at(-1)).toMatchObject({
      event: 'progress',
      progress: { state: 'done', numDone: 6, numTotal: 6, numFailed: 1, backend: 'fake 1 · CPU' },
    });
    const { rois } = decodeRow(run.schemaBytes, await run.readImageBytes(3));
    expect(rois.gtClass.some((label) => label < 2)).toBe(true);
    await run.close();
  });

  it('refuses pixels that are not as large as their annotation says', async () => {
    await encodePng({ width: 16, height: 20, data: new Uint8Array(960) }, path.join(folder, '1.png'));
    await mine();
    const run = await openRun(options.outPath);
    await run.close();
    expect(run.images.at(1)?.error).toMatch(
      /^image: size: expected 20 × 16 as annotated, received 16 × 20 \(.*1\.png\)$/,
    );
  });

  for (const preset of ['paper', 'top-b', 'random'] as const) {
    it(`sums up as a later look at the file does: ${preset}`, async () => {
      const mining = resolveConfig(preset, { batchSize: 7, imagesPerBatch: 4 });
      await mine({ mining });
      const run = await openRun(options.outPath);
      await run.close();
      const stored = [...run.images];
      expect(await withRun(options.outPath, (run) => summarise(run, mining))).toEqual(stored);
      expect(stored.reduce((sum, { numSelected }) => sum + numSelected, 0)).toBeGreaterThan(0);
    });
  }

  for (const preset of ['paper', 'top-b'] as const) {
    it(`stopped and resumed ends as if it had not been: ${preset}`, async () => {
      const mining = resolveConfig(preset, { batchSize: 4, imagesPerBatch: 4 });
      await mine({ mining, outPath: path.join(folder, 'whole.ohem') });
      const controller = new AbortController();
      let seen = 0;
      const detectAndStop = async (image: RgbImage) => {
        if (++seen === 3) controller.abort();
        return detect(image);
      };
      model.detect = detectAndStop;
      const first = await mine({ mining }, controller.signal);
      expect(first.result.state).toBe('stopped');
      model.detect = null;
      const second = await mine({ mining, resume: true });
      expect(second.result).toMatchObject({ state: 'done', numDone: 6 });
      expect(await rows(options.outPath)).toEqual(await rows(path.join(folder, 'whole.ohem')));
    });
  }

  it('resumed with nothing left is finished as it was', async () => {
    await mine();
    const before = await readFile(options.outPath);
    await mine({ resume: true });
    expect((await readFile(options.outPath)).equals(before)).toBe(true);
  });

  it('resumed with another configuration says what differs', async () => {
    await mine();
    await expect(mine({ resume: true, mining: resolveConfig('top-b') })).rejects.toThrow(
      /resume: mining\.preset: expected "paper" as in the file, received "top-b"/,
    );
    await expect(mine({ resume: true, measure: { fgThreshold: 0.6 } })).rejects.toThrow(
      /resume: measure\.fgThreshold: expected 0\.5 as in the file, received 0\.6/,
    );
  });

  it('mines the first images only when asked, and says so', async () => {
    const { result } = await mine({ limit: 2 });
    expect(result.numDone).toBe(2);
    const run = await openRun(options.outPath);
    await run.close();
    expect(run.manifest.notes).toContain('the first 2 of 6 images');
  });
});

describe('a model that gives only NaN', () => {
  const nan = async (image: RgbImage) => {
    const output = await detect(image);
    return { ...output, scores: output.scores.map(() => NaN) };
  };

  it('is told of at its first image, and counted', async () => {
    model.detect = nan;
    const { result, events } = await mine();
    expect(result).toMatchObject({ numDone: 6, numFailed: 1, numWithoutLoss: 5 });
    const told = events.filter((event) => event.event === 'log' && event.text.includes('no finite loss'));
    expect(told).toMatchObject([{ level: 'warning', text: expect.stringMatching(/^image 0\.png .* 6 of 6 RoIs/) }]);
    const warnedAt = events.indexOf(told[0]);
    expect(events.filter(({ event }, i) => event === 'image' && i < warnedAt)).toHaveLength(1);
  });

  it('on some images, is counted for those', async () => {
    model.detect = (image) => (image.data[0] > 100 ? nan(image) : detect(image));
    expect((await mine()).result).toMatchObject({ numDone: 6, numWithoutLoss: 2 });
  });
});

describe('a model whose scores are constant', () => {
  it('is told of at its first image and in the manifest; nothing of it is ranked by its row', async () => {
    model.detect = detectFlat;
    options = { ...options, measure: { clsLoss: 'bce' } };
    const { events } = await mine();
    const text = /^every background RoI of 0\.png has the loss 27\.631: a constant or saturated score/;
    const told = events.filter((event) => event.event === 'log' && text.test(event.text));
    expect(told).toHaveLength(1);
    const opened = events.find((event) => event.event === 'opened');
    expect(opened?.manifest.notes).toContainEqual(expect.stringMatching(text));
    const image = events.find((event) => event.event === 'image');
    expect(image?.summary).toMatchObject({ numRois: 12, numInvalid: 12, numSelected: 0 });
  });
});

describe('mineRun leaves no file behind', () => {
  it('when the data set is empty', async () => {
    await writeDataset(0);
    await expect(mine()).rejects.toThrow(/^dataset: /);
    expect(await exists()).toBe(false);
  });

  it('when the classes do not fit', async () => {
    model.classes = null;
    await writeDataset(6, ['cat', 'dog', 'cow']);
    await expect(mine()).rejects.toThrow(/expected 2 classes/);
    expect(await exists()).toBe(false);
  });

  it('when the model fails on its first image', async () => {
    model.detect = () => Promise.reject(new MiningError('checkpoint', 'output', '85 columns', '84'));
    await expect(mine()).rejects.toThrow(/checkpoint: output: expected 85 columns/);
    expect(await exists()).toBe(false);
  });

  it('when it is stopped before the first image', async () => {
    const { result } = await mine({}, AbortSignal.abort());
    expect(result).toEqual({ state: 'stopped', numDone: 0, numFailed: 0, numWithoutLoss: 0 });
    expect(await exists()).toBe(false);
  });

  it('when one is there already, before a model is opened', async () => {
    await writeFile(options.outPath, 'precious');
    await expect(mine()).rejects.toThrow(/expected a new file/);
    expect(model.opened).toBe(0);
    expect(await readFile(options.outPath, 'utf8')).toBe('precious');
    await mine({ force: true });
    const run = await openRun(options.outPath);
    await run.close();
    expect(run.images).toHaveLength(6);
  });
});

describe('mineRun over a run that exists', () => {
  it('leaves it as it was until the new one is done, also where that fails', async () => {
    await mine();
    const old = await readFile(options.outPath);
    let seen = 0;
    model.detect = async (image) => {
      expect((await readFile(options.outPath)).equals(old)).toBe(true);
      return ++seen > 2 ? Promise.reject(new MiningError('engine', 'run', 'an answer', 'none')) : detect(image);
    };
    for (const i of [6, 7, 8, 9])
      await encodePng({ width: 20, height: 16, data: new Uint8Array(960) }, path.join(folder, `${i}.png`));
    await writeDataset(10);
    await expect(mine({ force: true })).rejects.toThrow(MiningError);
    expect((await readFile(options.outPath)).equals(old)).toBe(true);
    model.detect = null;
    await mine({ resume: true });
    expect((await rows(options.outPath)).length).toBe(10);
  });

  it('refuses a second writer, its inputs, and a place among the checkpoint’s files', async () => {
    await mine();
    model.detect = async (image) => {
      model.detect = null;
      await expect(mine({ force: true })).rejects.toThrow(/received one that another process writes/);
      return detect(image);
    };
    await mine({ force: true });
    const { datasetPath } = options;
    await expect(mine({ outPath: datasetPath, force: true })).rejects.toThrow(/expected a file that is no input/);
    await expect(mine({ outPath: path.join(folder, '1.png'), force: true })).rejects.toThrow(/that is no input/);
    await expect(mine({ checkpointPath: folder, force: true })).rejects.toThrow(/expected a file outside its inputs/);
  });

  it('fails where the file was taken away meanwhile', async () => {
    let seen = 0;
    model.detect = async (image) => {
      if (++seen === 3) await rm(options.outPath);
      return detect(image);
    };
    await expect(mine()).rejects.toThrow(/expected the file that was written, received none/);
  });
});

describe('a model that fails', () => {
  it('once, is an image with an error', async () => {
    let seen = 0;
    model.detect = (image) =>
      ++seen === 2 ? Promise.reject(new MiningError('engine', 'run', 'an answer', 'none')) : detect(image);
    const { result } = await mine();
    expect(result).toMatchObject({ state: 'done', numFailed: 2 });
  });

  it('again and again, ends the run and keeps what there was', async () => {
    await Promise.all(
      [6, 7, 8, 9].map((i) =>
        encodePng({ width: 20, height: 16, data: new Uint8Array(960) }, path.join(folder, `${i}.png`)),
      ),
    );
    await writeDataset(10);
    let seen = 0;
    model.detect = (image) =>
      ++seen > 2 ? Promise.reject(new MiningError('engine', 'run', 'an answer', 'none')) : detect(image);
    const states: string[] = [];
    await expect(
      mine({}, undefined, (event) => event.event === 'progress' && states.push(event.progress.state)),
    ).rejects.toThrow(/engine: run/);
    expect(states.at(-1)).toBe('failed');
    const run = await openRun(options.outPath);
    await run.close();
    expect(run.images.filter(({ error }) => error === '')).toHaveLength(2);
  });
});

describe('images at which the model failed', () => {
  const fails = () => Promise.reject(new MiningError('engine', 'run', 'an answer', 'none'));

  it('are not in the file where it never worked again: a resumed run ends as if it had not failed', async () => {
    await Promise.all(
      [6, 7, 8, 9].map((i) =>
        encodePng({ width: 20, height: 16, data: new Uint8Array(960).fill(i) }, path.join(folder, `${i}.png`)),
      ),
    );
    await writeDataset(10);
    await mine({ outPath: path.join(folder, 'whole.ohem') });
    let seen = 0;
    model.detect = (image) => (++seen > 2 ? fails() : detect(image));
    await expect(mine()).rejects.toThrow(/engine: run/);
    expect((await rows(options.outPath)).map(({ summary }) => summary.id)).toEqual(['0.png', '1.png', '2.png']);
    model.detect = null;
    const { result } = await mine({ resume: true });
    expect(result).toMatchObject({ state: 'done', numDone: 10, numFailed: 0 });
    expect(await rows(options.outPath)).toEqual(await rows(path.join(folder, 'whole.ohem')));
  });

  it('keep their places, beside images that cannot be read, where it works again', async () => {
    let seen = 0;
    model.detect = (image) => (++seen === 2 ? fails() : detect(image));
    await mine();
    expect((await rows(options.outPath)).map(({ summary }) => `${summary.id} ${summary.error.slice(0, 11)}`)).toEqual([
      '0.png ',
      '1.png engine: run',
      '2.png image: 2.pn',
      '3.png ',
      '4.png ',
      '5.png ',
    ]);
  });

  it('at the end of the run are in the file', async () => {
    let seen = 0;
    model.detect = (image) => (++seen > 3 ? fails() : detect(image));
    const { result } = await mine();
    expect(result).toEqual({ state: 'done', numDone: 6, numFailed: 3, numWithoutLoss: 0 });
  });

  it('refuses a time limit that is none', async () => {
    await expect(mine({ timeLimitS: -1 })).rejects.toThrow(
      'options: time-limit: expected an integer in [0, 86400], in seconds, received -1',
    );
    expect((await mine({ timeLimitS: 0 })).result.state).toBe('done');
  });
});

async function rows(file: string) {
  const run = await openRun(file);
  const images = await Promise.all(
    run.images.map(async (_, i) => decodeRow(run.schemaBytes, await run.readImageBytes(i))),
  );
  await run.close();
  return images;
}
