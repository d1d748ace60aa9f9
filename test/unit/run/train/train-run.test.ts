/** `ohem train` on rendered pictures. */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFastRcnnContract } from '../../../../src/checkpoint/families/fast-rcnn/fast-rcnn-contract.js';
import { checkTrainConfig, type TrainConfig } from '../../../../src/run/train/train-config.js';
import { gainOnImage, imageGains, type ImagesLine } from '../../../../src/run/train/image-gains.js';
import { trainRun, type StepsLine, type TrainLine } from '../../../../src/run/train/train-run.js';
import { openTrainingSet } from '../../../../src/run/train/train-images.js';
import { TESTED_BACKEND } from '../../train/start-backend.js';
import { TINY_CONFIG, writeTinyDataset } from '../../train/tiny-training.js';

let folder: string;
const config = (changes: object = {}): TrainConfig =>
  checkTrainConfig({ ...TINY_CONFIG, backend: TESTED_BACKEND, ...changes }, join(folder, 'train.yaml'));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-run-'));
  await writeTinyDataset(folder);
});
afterAll(async () => rm(folder, { recursive: true }));

async function train(changes: object = {}, flags = { resume: false, force: false }, stopAfter = Infinity) {
  const lines: TrainLine[] = [];
  const controller = new AbortController();
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const tell = (line: TrainLine) => {
    lines.push(line);
    if (line.event === 'steps' && line.step >= stopAfter) controller.abort();
  };
  return { ...(await trainRun(config(changes), flags, { tell, say }, controller.signal)), lines, said };
}
const headOf = async (out: string) =>
  (await readFile(join(folder, out, 'checkpoint/head/weights.bin'))).toString('hex');

describe('a run', () => {
  test('logs, evaluates and leaves a checkpoint of the family', async () => {
    const { state, step, lines } = await train({ validation: { path: 'instances.json', images: 'images' } });
    expect({ state, step }).toEqual({ state: 'finished', step: 4 });
    expect(lines.map(({ event, step: at }) => `${event} ${at}`)).toEqual([
      'epoch 0',
      'steps 0',
      'steps 1',
      'steps 2',
      'epoch 2',
      'steps 3',
      'steps 4',
      'epoch 4',
    ]);
    const log = (await readFile(join(folder, 'out/log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TrainLine);
    expect(log).toHaveLength(8);
    expect(log[0]).toMatchObject({ event: 'epoch', epoch: 0 });
    // Before any update: what the first step measured.
    const { selectedLoss, allRoiLoss } = log[1] as StepsLine;
    expect(log[1]).toMatchObject({ event: 'steps', step: 0, epoch: 0 });
    expect(log[2]).toMatchObject({ epoch: 0.5, learningRate: 0.02, selectedLoss, allRoiLoss });
    expect(log[5]).toMatchObject({ learningRate: expect.closeTo(0.002, 9) as number });
    const [before, first] = lines;
    expect(before.event === 'epoch' && before.validation?.coco).toBeGreaterThanOrEqual(0);
    if (first.event !== 'steps') throw new Error('the first line is of steps');
    for (const value of [
      first.allRoiLoss,
      first.selectedLoss,
      first.readOnlyMs,
      first.trainableMs,
      first.selectionMs,
      first.rssMiB,
    ])
      expect(value).toBeGreaterThan(0);
    const [last] = lines.slice(-1);
    expect(last.event === 'epoch' && last.validation?.coco).toBeGreaterThanOrEqual(0);
    const contract: unknown = JSON.parse(await readFile(join(folder, 'out/checkpoint/ohem.json'), 'utf8'));
    expect(checkFastRcnnContract(contract, 'ohem.json').classes).toEqual(['bright', 'dark']);
  });

  test('notes what it sees on each validation image, before the first step and after each epoch', async () => {
    const out = join(folder, 'out');
    const lines = (await readFile(join(out, 'images.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as TrainLine).step)).toEqual([0, 2, 4]);
    const gains = await imageGains(out);
    expect(gains).toMatchObject({ step: 4, epoch: 2 });
    expect(gains?.images.map(({ id }) => id).sort()).toEqual(['0.png', '1.png', '2.png', '3.png']);
    expect(gains?.facts.lossBefore).toBeGreaterThan(0);
    const [{ width, height, objects }] = lines.map((line) => JSON.parse(line) as ImagesLine);
    expect([width.length, height.length]).toEqual([4, 4]);
    // Boxes are back in the files.
    const { x1, y1, x2, y2 } = (await openTrainingSet(config().data)).gts;
    expect(objects.box).toEqual([...x1.keys()].map((g) => [x1[g], y1[g], x2[g], y2[g]]));
    expect(await gainOnImage(out, '0.png')).toMatchObject({ path: join(folder, 'images/0.png') });
    // A training that measures none has none.
    await train({ out: 'unmeasured' });
    expect(await imageGains(join(folder, 'unmeasured'))).toBeNull();
  });

  test('trains an input that is not square', async () => {
    const { network } = config();
    expect((await train({ out: 'wide', network: { ...network, inputWidth: 64 } })).step).toBe(4);
  });

  test('stopped and resumed, it comes to the same weights', async () => {
    await train({ out: 'whole' });
    expect((await train({ out: 'parts' }, undefined, 3)).state).toBe('stopped');
    await expect(train({ out: 'parts' })).rejects.toThrow('--resume');
    await expect(train({ out: 'parts', seed: 1 }, { resume: true, force: false })).rejects.toThrow(
      'checkpoint: resume',
    );
    expect((await train({ out: 'parts' }, { resume: true, force: false })).lines.map(({ step }) => step)).toEqual([
      4, 4,
    ]);
    expect(await headOf('parts')).toBe(await headOf('whole'));
  });

  test('goes on from a checkpoint with a frozen body, and trains bootstrap and SSD there', async () => {
    await train({ out: 'base', schedule: { epochs: 1 } });
    const body = await readFile(join(folder, 'base/checkpoint/body/weights.bin'));
    for (const preset of ['bootstrap', 'ssd', 'random']) {
      const { state } = await train({
        out: preset,
        init: 'base/checkpoint',
        frozenBody: true,
        flip: false,
        sampler: { preset, batchSize: 8 },
      });
      expect(state).toBe('finished');
      expect(await readFile(join(folder, preset, 'checkpoint/body/weights.bin'))).toEqual(body);
      expect(await headOf(preset)).not.toBe(await headOf('base'));
    }
  });

  test('draws a new head by its seed, keeps pooled features, and comes to the same weights when resumed', async () => {
    const how = { init: 'base/checkpoint', newHead: true, frozenBody: true, keepPooled: true, flip: false };
    await train({ out: 'head', ...how });
    await train({ out: 'head-parts', ...how }, undefined, 3);
    await train({ out: 'head-parts', ...how }, { resume: true, force: false });
    expect(await headOf('head-parts')).toBe(await headOf('head'));
    await train({ out: 'head-1', ...how, seed: 1 });
    expect(await headOf('head-1')).not.toBe(await headOf('head'));
  });
});

describe('before the first step', () => {
  test('warns in the words of `ohem advise`, with the evidence', async () => {
    const few = await train({ out: 'few', sampler: { batchSize: 2 } });
    expect(few.said).toContainEqual(expect.stringMatching(/^warning: mining would train on \d+ % foreground .*B to/));
    const many = await train({ out: 'many', sampler: { batchSize: 40 } });
    expect(many.said).toEqual([]);
    const blind = await train({ out: 'blind', sampler: { preset: 'random', batchSize: 2 } });
    expect(blind.said).toEqual([]);
  });

  test('knows nothing of RoIs that a new stage has yet to learn, and says that it confuses mining', async () => {
    const { said } = await train({ out: 'anew', sampler: { batchSize: 2 }, proposals: { from: 'stage' } });
    expect(said).toEqual([expect.stringMatching(/^warning: the proposals come from a stage that begins to learn/)]);
  });

  test('refuses a step with as much foreground as `foregroundBelow` forbids, and writes nothing', async () => {
    const most = 'options: foregroundBelow: expected fewer than 1 foreground RoIs a step';
    await expect(train({ out: 'full', sampler: { batchSize: 2 }, foregroundBelow: 0.5 })).rejects.toThrow(most);
    expect(await readdir(folder)).not.toContain('full');
    expect((await train({ out: 'low', sampler: { batchSize: 64 }, foregroundBelow: 0.5 })).state).toBe('finished');
    const stage = { from: 'stage' };
    await expect(train({ out: 'full', proposals: stage, foregroundBelow: 0.5 })).rejects.toThrow('proposals that stay');
  });
});

describe('the folder', () => {
  const force = { resume: false, force: true };
  const BROKEN = { epochs: 2, learningRate: 1e30, warmup: 0 };
  const SHORT = { schedule: { epochs: 1, warmup: 0, drops: [1] } };
  /** Path and bytes of each file. */
  async function filesOf(out: string): Promise<Record<string, string>> {
    const entries = await readdir(join(folder, out), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(files.sort().map(async (file) => [file, (await readFile(file)).toString('hex')])),
    ) as Record<string, string>;
  }

  for (const name of ['checkpoint/my-model.onnx', 'log.jsonl', 'images.jsonl', 'state.bin', 'running.json']) {
    test(`with somebody's ${name} is left alone, with --force too`, async () => {
      const out = join('theirs', name.replace('/', '-'));
      await mkdir(join(folder, out, 'checkpoint'), { recursive: true });
      if (!name.startsWith('checkpoint')) await rm(join(folder, out, 'checkpoint'), { recursive: true });
      await writeFile(join(folder, out, name), '"theirs"');
      const before = await filesOf(out);
      for (const flags of [undefined, force])
        await expect(train({ out }, flags)).rejects.toThrow(
          /options: out: expected a new folder, or the one of a training, received a \S+ that no training has made/,
        );
      expect(await filesOf(out)).toEqual(before);
    });
  }

  test('of a training keeps what the training has not made', async () => {
    await train({ out: 'kept', ...SHORT });
    const theirs = ['notes.txt', 'checkpoint/my-model.onnx', 'checkpoint.old/a.bin', 'checkpoint.new/a.bin'];
    await mkdir(join(folder, 'kept/checkpoint.old'));
    await mkdir(join(folder, 'kept/checkpoint.new'));
    for (const name of theirs) await writeFile(join(folder, 'kept', name), 'theirs');
    await train({ out: 'kept' }, force);
    for (const name of theirs) expect(await readFile(join(folder, 'kept', name), 'utf8')).toBe('theirs');
    expect((await readdir(join(folder, 'kept'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('holds the old training, byte by byte, until a new one has something to put in its place', async () => {
    await train({ out: 'good', ...SHORT });
    const before = await filesOf('good');
    await expect(train({ out: 'good', schedule: BROKEN }, force)).rejects.toThrow(/expected a finite number/);
    expect(await filesOf('good')).toEqual(before);
    await expect(train({ out: 'good', data: { path: 'none.json' } }, force)).rejects.toThrow('dataset');
    expect(await filesOf('good')).toEqual(before);
    // Stopped in its first epoch, the new one is what there is to go on with: state, log and checkpoint are its own.
    expect((await train({ out: 'good', seed: 7 }, force, 1)).step).toBe(1);
    const { step } = JSON.parse(await readFile(join(folder, 'good/checkpoint/training.json'), 'utf8')) as TrainLine;
    expect(step).toBe(1);
    expect((await readFile(join(folder, 'good/log.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
    expect((await train({ out: 'good', seed: 7 }, { resume: true, force: false })).step).toBe(4);
  });

  test('that a kill left half way is finished by the next one', async () => {
    await train({ out: 'cut', ...SHORT });
    await mkdir(join(folder, 'cut/.ohem-ready'));
    for (const name of ['state.bin', 'checkpoint'])
      await rename(join(folder, 'cut', name), join(folder, 'cut/.ohem-ready', name));
    await writeFile(join(folder, 'cut/log.jsonl'), `${await readFile(join(folder, 'cut/log.jsonl'), 'utf8')}{"ev`);
    await expect(train({ out: 'cut' })).rejects.toThrow('--resume');
    await train({ out: 'cut' }, { resume: true, force: false });
    await train({ out: 'uncut' });
    expect(await headOf('cut')).toBe(await headOf('uncut'));
  });

  test('of a training that was killed in its first epoch may be used again', async () => {
    await mkdir(join(folder, 'first/.ohem-next'), { recursive: true });
    await writeFile(join(folder, 'first/log.jsonl'), '{"event":"steps","step":1}\n');
    expect((await train({ out: 'first', ...SHORT })).step).toBe(2);
  });

  test('is none of the inputs', async () => {
    await train({ out: 'input', ...SHORT });
    const before = await filesOf('input');
    await symlink(join(folder, 'input/checkpoint'), join(folder, 'alias'));
    for (const init of ['input/checkpoint', 'alias'])
      await expect(train({ out: 'input', init }, force)).rejects.toThrow(/a file outside its inputs/);
    await expect(train({ out: 'input/checkpoint', init: 'input/checkpoint' })).rejects.toThrow(/outside its inputs/);
    await symlink(join(folder, 'input/log.jsonl'), join(folder, 'alias.json'));
    await expect(train({ out: 'input', validation: { path: 'alias.json' } }, force)).rejects.toThrow();
    expect(await filesOf('input')).toEqual(before);
    await expect(train({ out: 'instances.json' })).rejects.toThrow(/options: out: expected a folder that can be made/);
  });
});

describe('what does not fit', () => {
  test('a frozen body without a checkpoint, nothing to resume, a flipped bootstrap', async () => {
    await expect(train({ out: 'x', frozenBody: true })).rejects.toThrow('options: init');
    await expect(train({ out: 'x' }, { resume: true, force: false })).rejects.toThrow('options: --resume');
    await expect(train({ out: 'x', sampler: { preset: 'bootstrap' } })).rejects.toThrow('options: flip');
  });

  test('an image that cannot be read is left out; proposals of a file are read', async () => {
    await cp(join(folder, 'images'), join(folder, 'broken'), { recursive: true });
    await writeFile(join(folder, 'broken/2.png'), 'no picture');
    const boxes = [
      [2, 2, 20, 20],
      [5, 6, 17, 18],
    ];
    await writeFile(
      join(folder, 'proposals.json'),
      JSON.stringify(Object.fromEntries(['0.png', '1.png', '2.png', '3.png'].map((id) => [id, boxes]))),
    );
    const { step, lines } = await train({
      out: 'left',
      data: { path: 'instances.json', images: 'broken', proposals: 'proposals.json' },
      proposals: { from: 'file' },
    });
    expect(step).toBe(4);
    expect(lines[0]).toMatchObject({ numRois: expect.any(Number) as number });
    await writeFile(join(folder, 'proposals.json'), '{"0.png": [[1, 2, 3]]}');
    await expect(
      train({
        out: 'left2',
        data: { path: 'instances.json', images: 'images', proposals: 'proposals.json' },
        proposals: { from: 'file' },
      }),
    ).rejects.toThrow('dataset: proposals.0.png');
  });
});
