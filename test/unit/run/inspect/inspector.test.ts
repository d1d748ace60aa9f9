/** On a real detector: a contract that is wrong is found out by the ground truth. */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionState } from '../../../../src/run/inspect/inspection-facts.js';
import { Inspector } from '../../../../src/run/inspect/inspector.js';

const CHECKPOINT = resolve('../shared/checkpoints/yolox-nano-onnx');
const DATA = resolve('../shared/data/coco-cc-train');

describe.skipIf(!existsSync(CHECKPOINT) || !existsSync(DATA))('Inspector', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ohem-inspect-'));
    const names = (await readdir(CHECKPOINT)).filter((name) => /\.onnx$|^classes\.txt$/.test(name));
    await Promise.all(
      names.map((name) => copyFile(join(CHECKPOINT, name), join(folder, name === 'classes.txt' ? name : 'm.onnx'))),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('mends a wrong scale, says how sure that is, and saves only what may be', { timeout: 120_000 }, async () => {
    const contract = join(folder, 'm.ohem.json');
    const written = { family: 'yolox', title: 'Mine', preprocess: { std: [255, 255, 255] } };
    await writeFile(contract, JSON.stringify(written));
    const told: number[][] = [];
    const inspector = await Inspector.open(
      { checkpoint: join(folder, 'm.onnx'), data: DATA, backend: null },
      (...progress) => told.push(progress),
    );
    const { chosen, readings } = inspector;
    expect(told.at(-1)).toEqual([21, 22]);
    expect(chosen).toBe(readings[0]);
    expect(chosen.contract['preprocess']).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
    expect(chosen.fit).toBeGreaterThan(0.4);
    const asItIs = readings.findIndex(({ name }) => name === 'as it is');
    expect(readings[asItIs].fit).toBeLessThan(0.1);
    expect(inspector.evidence).toMatchObject({
      isWeak: false,
      said: { values: [31, chosen.fit.toFixed(2), expect.any(String)] },
    });

    const state = inspectionState(inspector);
    expect(state.images).toHaveLength(6);
    expect(state.readings[0]?.boxes[0]?.label.length).toBeGreaterThan(0);
    const scale = state.repairs.find(({ id }) => id === 'scale');
    expect(scale?.choices[scale.chosen ?? -1]).toBe('0…255');

    inspector.take(asItIs);
    expect(inspector.evidence).toMatchObject({ isWeak: true });
    await inspector.repair('scale', scale?.chosen ?? -1);
    expect(inspector.chosen).toBe(chosen);
    await inspector.repair('channels', 0);
    expect(inspector.chosen.name).toBe('scale 0…255, channels rgb');
    await expect(inspector.repair('boxForm', 0)).rejects.toThrow(/repair: expected resize, scale/);
    inspector.take(0);

    const kept = await inspector.save(false);
    expect(kept).toEqual({ path: contract, contradicted: ['preprocess.std'] });
    expect(JSON.parse(await readFile(contract, 'utf8'))).toEqual(written);
    expect(await inspector.save(true)).toEqual({ path: contract, contradicted: [] });
    expect(JSON.parse(await readFile(contract, 'utf8'))).toMatchObject({
      title: 'Mine',
      preprocess: { std: [1, 1, 1] },
    });
    await inspector.dispose();
  });
});
