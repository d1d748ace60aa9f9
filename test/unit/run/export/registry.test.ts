import { describe, expect, it } from 'vitest';
import type { ExportSource } from '../../../../src/run/export/export-format.js';
import { EXPORT_FORMATS, exportFormat } from '../../../../src/run/export/registry.js';
import type { RoiRecord } from '../../../../src/run/query/selected-rois.js';

const source = { path: '/run.ohem', manifest: { classes: ['cat'] }, mining: {} } as unknown as ExportSource;
const row = (image: string) => ({ image, loss: 0.5, region: [1, 2, null, 4], gt_index: null }) as unknown as RoiRecord;

async function textOf(id: string, images: readonly string[]): Promise<string> {
  async function* batches() {
    for (const image of images) yield { rows: [row(image)], images: [] };
    yield { rows: [], images: [] };
  }
  const format = exportFormat(id);
  if (format.extension === null) throw new Error(`${id} is a folder`);
  let all = '';
  for await (const text of format.text(source, batches())) all += text;
  return all;
}

describe('the formats of an export', () => {
  it('have ids of their own, and a fault names them', () => {
    const ids = EXPORT_FORMATS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(() => exportFormat('xml')).toThrow(`expected one of ${ids.join(', ')}, received "xml"`);
  });

  it('CSV: names, then a line a RoI', async () => {
    const [head, first, ...rest] = (await textOf('csv', ['a, b.jpg'])).split('\n');
    expect(head).toMatch(/^image,image_index,.*,annotation_path$/);
    expect(first).toMatch(/^"a, b\.jpg",,.*,0\.5,.*,1 2  4,/);
    expect(rest).toEqual(['']);
  });

  it.each([[[]], [['a.jpg', 'b.jpg']]])('JSON: one object with the RoIs %j', async (images) => {
    const { run, classes, rois } = JSON.parse(await textOf('json', images));
    expect([run, classes, rois]).toEqual(['/run.ohem', ['cat'], images.map(row)]);
  });
});
