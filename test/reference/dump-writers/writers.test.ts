import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { sampleDump } from '../../../src/run/dump/sample-dump.js';

interface Reported {
  readonly cls_loss: number;
  readonly loc_loss: number;
  readonly images: number;
}
interface Batch {
  readonly images: readonly string[];
  readonly keep_num: number;
  readonly cls_loss: number;
  readonly loc_loss: number;
  readonly rois: readonly { readonly loss_cls: number; readonly loss_loc: number }[];
}

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => path.basename(file, '.jsonl'));

async function sample(name: string, preset: 'all' | 'paper', images: number): Promise<readonly Batch[]> {
  const { text: json } = await sampleDump(
    path.join(folder, `${name}.jsonl`),
    resolveConfig(preset, { imagesPerBatch: images }),
  );
  return (JSON.parse(json.join('')) as { batches: Batch[] }).batches;
}

describe.each(names)('a dump that the writer for %s made in one training step', (name) => {
  const reported = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Reported;

  it('has the losses that the framework itself reports for the batch', async () => {
    const [batch, ...others] = await sample(name, 'all', reported.images);
    expect(others).toEqual([]);
    expect(Math.abs(batch.cls_loss - reported.cls_loss)).toBeLessThanOrEqual(1e-5);
    expect(Math.abs(batch.loc_loss - reported.loc_loss)).toBeLessThanOrEqual(1e-5);
  });

  it('can be mined', async () => {
    const [batch] = await sample(name, 'paper', reported.images);
    expect(batch.images).toHaveLength(reported.images);
    expect(batch.keep_num).toBeGreaterThan(0);
    expect(batch.rois.every(({ loss_cls, loss_loc }) => loss_cls >= 0 && loss_loc >= 0)).toBe(true);
  });
});

it('every writer was tried', () => {
  for (const writer of ['pytorch', 'torchvision', 'detectron2', 'mmdetection', 'ultralytics'])
    expect(names).toContain(writer);
});
