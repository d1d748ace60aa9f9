import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { NONE } from '../../../../src/core/tables.js';
import { oneOf } from '../../../../src/run/agents/agent-tool.js';
import { agentToolFacts, askAgentTool } from '../../../../src/run/agents/registry.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';
import { makeEpoch } from '../epochs.js';

let folder: string;
let run: string;
const known = (...paths: string[]) => ({ root: folder, list: () => Promise.resolve(paths) });
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is JSON
const ask = async (name: string, input: object, runs = known(run)): Promise<any> =>
  JSON.parse(JSON.stringify(await askAgentTool(name, input, runs)));

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-agents-'));
  run = path.join(folder, 'it.ohem');
  const mining = resolveConfig('paper', { batchSize: 12, imagesPerBatch: 2, nmsThreshold: 0.5 });
  const writer = await createRun(run, sampleManifest({ mining }));
  for (const image of [sampleImage('a.jpg', 9, 2), sampleImage('b.jpg', 14, 3)]) await writer.append(image);
  await writer.finish();
  await writer.close();
});
afterAll(() => rm(folder, { recursive: true }));

describe('the tools', () => {
  it('take one object of described keys each, and nothing else', () => {
    for (const { name, description, inputSchema } of agentToolFacts()) {
      expect(name).toMatch(/^[a-z_]+$/);
      expect(description.length).toBeLessThan(600);
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      for (const key of Object.values(inputSchema['properties'] as object))
        expect(JSON.stringify(key)).toContain('desc');
    }
  });

  it('answer an unknown tool, key or value with what there is', async () => {
    await expect(ask('drop_tables', {})).rejects.toThrow(
      'options: tool: expected one of list_hard_examples, explain_roi, list_label_suspects, compare_runs',
    );
    await expect(ask('list_hard_examples', { topp: 3 })).rejects.toThrow('topp: expected no such key');
    await expect(ask('list_hard_examples', { top: 1e6 })).rejects.toThrow('top: expected <=50');
    await expect(ask('list_hard_examples', { class: 'car' })).rejects.toThrow('class: expected one of cat, dog');
    await expect(ask('list_hard_examples', { what: 'images', class: 'cat' })).rejects.toThrow(
      'class: expected objects',
    );
  });
});

describe('the run that is meant', () => {
  it('is the only one, or is named by path or name', async () => {
    const two = known(run, path.join(folder, 'sub', 'other.ohem'));
    for (const named of ['it.ohem', run, './it.ohem'])
      expect(await ask('list_hard_examples', { run: named }, two)).toMatchObject({ run });
    expect(await ask('list_hard_examples', {})).toMatchObject({ run });
    await expect(ask('list_hard_examples', {}, two)).rejects.toThrow(
      /run: expected one of it.ohem, sub.other.ohem, received none/,
    );
  });

  it('is the one at the path that is given, though another is called alike', async () => {
    const alike = known(path.join(folder, 'copy', 'it.ohem'), run);
    for (const named of ['it.ohem', run])
      expect(await ask('list_hard_examples', { run: named }, alike)).toMatchObject({ run });
    await expect(ask('list_hard_examples', { run: 'it.ohem' }, { ...alike, root: '' })).rejects.toThrow(
      'expected one of',
    );
  });

  it('is not told by thousands of names', () => {
    const names = Array.from({ length: 1203 }, (_, k) => `class ${k}`);
    expect(() => oneOf('class', 'bus', names)).toThrow(/class 99, and 1103 more, received "bus"$/);
  });

  it('is a known one, whatever a model was talked into', async () => {
    await expect(ask('list_hard_examples', { run: '/etc/passwd' })).rejects.toThrow('run: expected one of it.ohem');
    await expect(ask('list_hard_examples', { run: '../secret.ohem' })).rejects.toThrow('run: expected one of it.ohem');
    await expect(ask('list_hard_examples', {}, known())).rejects.toThrow('of which none is known');
  });
});

describe('list_hard_examples', () => {
  it('lists objects by the loss of their hardest selected RoI', async () => {
    const { objects, ...facts } = await ask('list_hard_examples', { top: 3 });
    expect(facts).toMatchObject({ complete: false, num_images: 2, num_in_dataset: 3, loss_source: 'proxy' });
    expect(facts.mining).toBe('paper · B/N 12/2');
    expect(facts.warnings).toHaveLength(1);
    const losses = objects.map((each: { hardest_roi: { loss: number } }) => each.hardest_roi.loss);
    expect(losses).toEqual(losses.toSorted((a: number, b: number) => b - a));
    expect(objects[0]).toMatchObject({ image: 'b.jpg', image_index: 1, hardest_roi: { status: 'selected' } });
  });

  it('keeps to a class and a prediction, and counts after that', async () => {
    const { rois } = await ask('list_hard_examples', { what: 'rois', class: 'dog', top: 2 });
    expect(rois.map((roi: { label: string }) => roi.label)).toEqual(['dog', 'dog']);
    const { rois: none } = await ask('list_hard_examples', { what: 'rois', class: 'dog', predicted: 'background' });
    for (const roi of none) expect(roi).toMatchObject({ predicted: 'background' });
    const { images } = await ask('list_hard_examples', { what: 'images', top: 1 });
    expect(images).toMatchObject([{ image: 'b.jpg', path: '/images/b.jpg' }]);
  });
});

describe('explain_roi', () => {
  it('tells rank, budget and object of a row', async () => {
    const { objects } = await ask('list_hard_examples', { top: 1 });
    const { object, hardest_roi } = objects[0];
    const byObject = await ask('explain_roi', { image: 'b.jpg', object });
    expect(byObject.roi).toEqual(hardest_roi);
    expect(byObject).toEqual(await ask('explain_roi', { image: 1, row: hardest_roi.row }));
    expect(byObject.object).toMatchObject({ object });
    const { decision } = byObject;
    expect(decision).toMatchObject({ images_in_minibatch: 1, mining_nms_iou: 0.5, suppressed_by: null });
    expect(decision.selected).toBeLessThanOrEqual(6);
    expect(decision.lowest_selected_loss).toBeLessThanOrEqual(byObject.roi.loss);
  });

  it('names who suppressed it', async () => {
    const crowded = sampleImage('c.jpg', 3, 1);
    const { rois } = crowded;
    rois.predX1.fill(0);
    rois.predY1.fill(0);
    rois.predX2.set([10, 10, 10]);
    rois.predY2.set([10, 9, 4]);
    rois.gtClass.fill(1);
    rois.gtIndex.fill(NONE);
    const file = path.join(folder, 'crowded.ohem');
    const writer = await createRun(file, sampleManifest());
    await writer.append(crowded);
    await writer.close();
    const { decision, roi } = await ask('explain_roi', { image: 0, row: 0 }, known(file));
    expect(roi).toMatchObject({ status: 'nms-suppressed', rank: 3 });
    expect(decision.suppressed_by).toMatchObject({ row: 1, overlap: 0.9 });
  });

  it('says which images and rows there are', async () => {
    await expect(ask('explain_roi', { image: 'z.jpg', row: 0 })).rejects.toThrow(
      "an image's id, or an index in [0, 2)",
    );
    await expect(ask('explain_roi', { image: 0, row: 9 })).rejects.toThrow('row: expected a row in [0, 9)');
    await expect(ask('explain_roi', { image: 0 })).rejects.toThrow(
      'row: expected either row or object, received neither',
    );
    await expect(ask('explain_roi', { image: 0, object: 77 })).rejects.toThrow(MiningError);
  });
});

describe('list_label_suspects', () => {
  it('lists labels that predictions contradict, with what explain_roi takes', async () => {
    const { suspects, counts, ...facts } = await ask('list_label_suspects', { quantile: 0.2, top: 50 });
    expect(facts).toMatchObject({ complete: false, num_images: 2, num_in_dataset: 3, num_suspects: suspects.length });
    expect(facts.notes[0]).toMatch(/^provisional/);
    expect(facts.warnings).toHaveLength(1);
    const [{ kind, image, row }] = suspects;
    expect(counts[kind]).toBeGreaterThan(0);
    expect(await ask('explain_roi', { image, row })).toMatchObject({ image });
    const { suspects: some } = await ask('list_label_suspects', { quantile: 0.2, kind, top: 1 });
    expect(some).toMatchObject([{ kind }]);
  });

  it('says which kinds and classes there are', async () => {
    await expect(ask('list_label_suspects', { kind: 'ugly' })).rejects.toThrow('kind: expected');
    await expect(ask('list_label_suspects', { quantile: 0.2, class: 'car' })).rejects.toThrow('class: expected one of');
    await expect(ask('list_label_suspects', { quantile: 2 })).rejects.toThrow('quantile: expected <=1');
  });
});

describe('compare_runs', () => {
  const epochs = async () => [
    await makeEpoch(folder, 'e1', { n1: 4, n2: -1, y1: -3 }),
    await makeEpoch(folder, 'e2', { n1: 1, n2: 3, y1: 2 }),
    await makeEpoch(folder, 'e3', { n1: 5, n2: 2, y1: 2 }),
  ];

  it('tells what the last run knows that the first did not, with the loss at each', async () => {
    const paths = await epochs();
    const answer = await ask('compare_runs', { runs: ['e1.ohem', 'e2.ohem', 'e3.ohem'] }, known(...paths));
    expect(answer).toMatchObject({ a: 1, b: 3, total: { fixed: 1, broken: 1, 'still-known': 1 }, num_examples: 2 });
    expect(answer.runs[0]).toEqual({ run: paths[0], complete: true, num_images: 3, num_in_dataset: 3 });
    expect(answer.classes).toHaveLength(2);
    expect(answer.examples[0]).toEqual({
      image: 'y1',
      label: 'yes',
      change: 'broken',
      losses: [0.04859, 2.127, 2.127],
      margins: [3, -2, -2],
    });
    const some = await ask(
      'compare_runs',
      { runs: ['e1.ohem', 'e2.ohem', 'e3.ohem'], a: 2, b: 3, high_loss: 9, change: 'still-known', class: 'no' },
      known(...paths),
    );
    expect(some.examples.map(({ image }: { image: string }) => image)).toEqual(['n1', 'n2']);
  });

  it('says what to ask instead', async () => {
    const paths = await epochs();
    const wrong = (input: object) => expect(ask('compare_runs', input, known(...paths))).rejects;
    await wrong({ runs: ['e1.ohem'] }).toThrow('runs: expected at least two, in the order of training');
    await wrong({ runs: ['e1.ohem', 'e1.ohem'] }).toThrow('runs: expected different runs');
    await wrong({ runs: ['e1.ohem', 'zzz'] }).toThrow('run: expected one of e1.ohem, e2.ohem, e3.ohem');
    await wrong({ runs: ['e1.ohem', 'e2.ohem'], b: 3 }).toThrow('b: expected a run from 1 to 2, received 3');
    await wrong({ runs: ['e1.ohem', 'e2.ohem'], class: 'car' }).toThrow('class: expected one of no, yes');
  });
});
