/** `ohem gains` as a person calls it, on the lines that a training writes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCli, type BuiltCli } from '../../built-cli.js';

let built: BuiltCli;
let folder: string;

beforeAll(async () => {
  built = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'ohem-gains-cli-'));
}, 120_000);
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

/** An evaluation; one object in each image. @param found by image. */
function evaluation(step: number, losses: Readonly<Record<string, number>>, found: readonly number[]) {
  const id = Object.keys(losses);
  const objects = {
    image: id.map((_, i) => i),
    label: id.map(() => 0),
    box: id.map(() => [0, 0, 9, 9]),
    found,
  };
  const detections = { image: [], label: [], box: [], score: [] };
  const size = { width: id.map(() => 64), height: id.map(() => 48) };
  return {
    step,
    epoch: step,
    classes: ['nut'],
    id,
    path: id,
    ...size,
    loss: Object.values(losses),
    objects,
    detections,
  };
}

async function training(name: string, lines: readonly object[]): Promise<string> {
  const out = join(folder, name);
  await mkdir(out);
  await writeFile(join(out, 'images.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return out;
}

it('lists what each image gained, in a table, as CSV and as JSON, from either end', async () => {
  const out = await training('whole', [
    evaluation(0, { 'a.jpg': 1, 'b,"c".jpg': 2 }, [1, 0]),
    evaluation(4, { 'a.jpg': 1.5, 'b,"c".jpg': 0.5 }, [1, 1]),
  ]);
  const table = await built.ohem('gains', out);
  expect(table).toMatchObject({ status: 0, stderr: '' });
  expect(table.stdout.split('\n')[0]).toBe(
    'step 4: the loss fell on 1 of 2 images and rose on 1, in the mean from 1.500 to 1.000; of 2 objects 1 were ' +
      'found before, 2 are now',
  );
  const csv = await built.ohem('gains', out, '--format', 'csv');
  expect(csv.stdout.trim().split(/\r?\n/)).toEqual([
    'image,gain,loss_before,loss_after,objects,found_before,found_after',
    '"b,""c"".jpg",1.5,2,0.5,1,0,1',
    'a.jpg,-0.5,1,1.5,1,1,1',
  ]);
  const worst = await built.ohem('gains', out, '--format', 'json', '--order', 'worse', '--top', '1');
  expect(JSON.parse(worst.stdout)).toMatchObject({ step: 4, epoch: 4, images: [{ image: 'a.jpg', gain: -0.5 }] });
});

it('says in one line why there are none, and what to do', async () => {
  const out = await training('started', [evaluation(0, { 'a.jpg': 1 }, [0])]);
  for (const path of [out, join(folder, 'nowhere')]) {
    const { status, stdout, stderr } = await built.ohem('gains', path);
    expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 });
    expect(stderr).toMatch(/expected a training that was evaluated before its first step and after it, received none/);
    expect(stderr).toContain('Give `validation` in its configuration');
  }
  const text = await training('text', [['no evaluation'], ['no evaluation']]);
  expect(await built.ohem('gains', text)).toMatchObject({ status: 2, stdout: '' });
});
