import { XMLParser } from 'fast-xml-parser';
import { beforeAll, describe, expect, it } from 'vitest';
import { BLANK_SUMMARY } from '../../../../src/core/facts/run-manifest.js';
import { allocateGtTable, IGNORE } from '../../../../src/core/tables.js';
import type { ExportBatch, ExportSource } from '../../../../src/run/export/export-format.js';
import { exportFormat } from '../../../../src/run/export/registry.js';
import type { RoiRecord } from '../../../../src/run/query/selected-rois.js';

const source = {
  path: '/a <b> & "c".ohem',
  manifest: {
    task: 'classification',
    classes: ['cat', 'hot "dog"'],
    checkpoint: null,
    dataset: { path: '/data' },
    lossSource: 'training',
  },
  mining: { preset: 'paper', batchSize: 128, imagesPerBatch: 2 },
  extent: { complete: true, num_images: 3, num_in_dataset: 3 },
  order: 'sum',
  most: null,
} as unknown as ExportSource;

/** A cat, a crowd of hot dogs, and an object whose category the run lacks. */
function objects() {
  const gts = allocateGtTable(3);
  gts.x1.set([10, 20, 0]);
  gts.x2.set([30, 60, 5]);
  gts.y1.set([10, 20, 0]);
  gts.y2.set([20, 70, 5]);
  gts.gtClass.set([0, 1, IGNORE]);
  gts.isCrowd[1] = 1;
  gts.annotation.set([7, -1, 9]);
  return gts;
}

const roi = (image_index: number, loss: number, gt_index: number | null, rank: number) =>
  ({
    image_index,
    loss,
    gt_index,
    rank,
    label: 'cat',
    predicted: 'background',
    top_class: 'hot "dog"',
    score: 0.01,
    iou: 0.5,
    pred_box: [10, 10, 20, 30],
    region: [0, 0, 1, 1],
  }) as unknown as RoiRecord;

const image = (id: string, lossSum: number) => ({
  ...BLANK_SUMMARY,
  id,
  path: id === 'b.jpg' ? '' : `/images/${id}`,
  width: 100,
  height: 200,
  numSelected: 2,
  lossSum,
  lossMean: lossSum / 2,
  lossMax: lossSum,
});

const NOT_IGNORED = { isIgnored: false, ignoredGts: new Set<number>(), listedGts: null };

/** Two images: the second is the harder. */
const batches: readonly ExportBatch[] = [
  {
    rows: [roi(0, 3, 0, 1), roi(0, 2, 0, 2)],
    images: [{ imageIndex: 0, summary: image('a <1>.jpg', 5), gts: objects(), ...NOT_IGNORED }],
  },
  {
    rows: [roi(1, 9, null, 1)],
    images: [{ imageIndex: 1, summary: image('b.jpg', 9), gts: allocateGtTable(0), ...NOT_IGNORED }],
  },
  { rows: [], images: [] },
];

async function textOf(id: string, given = batches): Promise<string> {
  async function* all() {
    yield* given;
  }
  let text = '';
  const format = exportFormat(id);
  if (format.extension === null) throw new Error(`${id} is a folder`);
  for await (const part of format.text(source, all())) text += part;
  return text;
}

describe('lists of images', () => {
  it('are hardest first: paths, ids where no path is known', async () => {
    expect(await textOf('image-list')).toBe('b.jpg\n/images/a <1>.jpg\n');
    expect(await textOf('image-list', [])).toBe('');
  });

  it('give the reason, and weights whose mean is 1', async () => {
    const [head, ...lines] = (await textOf('image-weights')).trimEnd().split('\n');
    expect(head).toMatch(/^path,image,weight,loss_sum,.*,hardest_label,hardest_predicted,hardest_score,hardest_iou$/);
    const weights = lines.map((line) => Number(line.split(',')[2]));
    expect(weights[0]).toBeGreaterThan(weights[1]);
    expect((weights[0] + weights[1]) / 2).toBeCloseTo(1, 12);
    expect(lines[0]).toMatch(/,cat,background,0\.01,0\.5$/);
  });
});

describe('objects', () => {
  it('have the loss of their hardest selected RoI; those without a class of the run are left out', async () => {
    const [, ...lines] = (await textOf('objects')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe('a <1>.jpg,/images/a <1>.jpg,0,,7,cat,10 10 30 20,3,background,0.01,0.5,1');
    expect(lines[1]).toMatch(/,1,,,"hot ""dog""",20 20 60 70,,,,,$/);
  });
});

describe('COCO', () => {
  it('is a data set of the images with their objects, crowds marked', async () => {
    const coco = JSON.parse(await textOf('coco'));
    expect(coco.images.map(({ id, file_name }: { id: number; file_name: string }) => [id, file_name])).toEqual([
      [1, 'a <1>.jpg'],
      [2, 'b.jpg'],
    ]);
    expect(coco.annotations).toMatchObject([
      { id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 20, 10], area: 200, iscrowd: 0, loss: 3 },
      { id: 2, image_id: 1, category_id: 2, bbox: [20, 20, 40, 50], iscrowd: 1, loss: null },
    ]);
    expect(coco.info).toMatchObject({ complete: true, num_images: 3, num_in_dataset: 3 });
    expect(coco.categories[1]).toEqual({ id: 2, name: 'hot "dog"' });
    expect(JSON.parse(await textOf('coco', []))).toMatchObject({ images: [], annotations: [] });
  });
});

describe('labelling tools', () => {
  it('Label Studio: objects and predictions in percent of the image', async () => {
    const [first, second] = JSON.parse(await textOf('label-studio'));
    expect(first.data.image).toBe('/data/local-files/?d=a%20%3C1%3E.jpg');
    expect(first.annotations[0].result[0]).toMatchObject({
      value: { x: 10, y: 5, width: 20, height: 5, rectanglelabels: ['cat'] },
      original_width: 100,
    });
    expect(first.predictions[0].result[0]).toMatchObject({ score: 0.01, value: { rectanglelabels: ['hot "dog"'] } });
    expect(second.annotations[0].result).toEqual([]);
    expect(JSON.parse(await textOf('label-studio', []))).toEqual([]);
  });

  it('say where they cannot tell an image’s size, and give no prediction without box or class', async () => {
    const [{ images, rows }] = batches;
    const unknown = [{ rows, images: images.map((each) => ({ ...each, summary: { ...each.summary, width: 0 } })) }];
    for (const id of ['label-studio', 'cvat'])
      await expect(textOf(id, unknown)).rejects.toThrow('image a <1>.jpg: expected a known size, received none');
    const vague = rows.map((row, i) => ({
      ...row,
      ...(i === 0 ? { top_class: null } : { pred_box: [1, 2, null, 4] }),
    }));
    const [task] = JSON.parse(await textOf('label-studio', [{ images, rows: vague as RoiRecord[] }]));
    expect(task.predictions[0].result).toEqual([]);
  });

  it('CVAT: boxes with their loss, names escaped', async () => {
    const { annotations } = new XMLParser({ ignoreAttributes: false }).parse(await textOf('cvat'));
    expect(annotations.image).toHaveLength(2);
    expect(annotations.image[0]).toMatchObject({
      '@_name': 'a <1>.jpg',
      box: { '@_label': 'cat', '@_xtl': '10.00', '@_ybr': '20.00', attribute: { '#text': 3 } },
    });
    expect(annotations.meta.task.labels.label[1].name).toBe('hot "dog"');
  });
});

describe('the report', () => {
  let page = '';
  beforeAll(async () => {
    page = await textOf('html');
  });

  it('is one page that loads nothing and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)/);
  });

  it('shows the hardest image first, and says of a picture that cannot be read why', () => {
    expect(page.indexOf('b.jpg')).toBeLessThan(page.indexOf('a &#60;1&#62;.jpg'));
    expect(page).toContain('expected a path of the pixels, received none');
    expect(page).toContain('cat → background (hot &#34;dog&#34;)');
    expect(page).not.toContain('<1>');
    expect(page).toContain('<svg viewBox="0 0 100 200"');
  });
});
