/** Of a run, what is exported: by filters, facets and verdicts. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectionText } from '../../src/run/export/export-selection.js';
import type { ExportChoice } from '../../src/run/export/export-format.js';
import { NO_FILTERS } from '../../src/core/triage/row-filters.js';
import type { ItemKind } from '../../src/protocol/gallery-messages.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { EXPORT_ALL, useExportRun } from '../export-run.js';
import { askPython, itWith } from '../python.js';

const { at, exported } = useExportRun();
const read = (...parts: readonly string[]) => readFile(path.join(...parts), 'utf8');

describe('what is exported of a run', () => {
  const roisOf = async (scope: NonNullable<ExportChoice['scope']>, name: string) => {
    const { rois } = JSON.parse(await read(await exported('json', name, { ...EXPORT_ALL, scope })));
    return rois.map(({ image, row, rank }: Record<string, unknown>) => [image, row, rank]);
  };
  const rows = (filters: object) =>
    ({
      of: 'rows',
      background: 'background',
      statuses: ['selected', 'below-budget'],
      filters: { ...NO_FILTERS, ...filters },
    }) as const;
  const items = (kind: ItemKind, where: Record<string, number[]>) =>
    ({ of: 'items', query: { kind, where, sort: 'loss', group: null } }) as const;

  it("is what the filters of a panel's list let through", async () => {
    expect(await roisOf(rows({ ground: 'background', prediction: 0 }), 'a.json')).toEqual([
      ['x/a.jpg', 1, 2],
      ['z.png', 0, 1],
    ]);
    expect(await roisOf(rows({ text: 'DOG', wrong: true }), 'b.json')).toEqual([
      ['x/a.jpg', 0, 1],
      ['x/a.jpg', 2, 3],
    ]);
    expect(await roisOf(rows({ status: 'below-budget' }), 'c.json')).toEqual([]);
  });

  it('says of detections that are not selected why', async () => {
    const choice = {
      ...EXPORT_ALL,
      mining: resolveConfig('paper', { nmsThreshold: 0 }),
      scope: items('detections', {}),
    };
    const { rois } = JSON.parse(await read(await exported('json', 'a.json', choice)));
    expect(rois.map(({ image, row, status }: Record<string, unknown>) => [image, row, status])).toEqual([
      ['x/a.jpg', 0, 'selected'],
      ['x/a.jpg', 1, 'nms-suppressed'],
      ['x/a.jpg', 2, 'selected'],
      ['y/a.jpg', 0, 'selected'],
      ['z.png', 0, 'selected'],
    ]);
  });

  it('is what the facets of All Examples let through: RoIs, images, objects', async () => {
    expect(await roisOf(items('rois', { prediction: [0] }), 'a.json')).toEqual([
      ['x/a.jpg', 1, 2],
      ['z.png', 0, 1],
    ]);
    // Of an image all its selected RoIs.
    expect(await roisOf(items('images', { label: [0] }), 'b.json')).toHaveLength(3);
    const scope = items('objects', { label: [1] });
    const lines = (await read(await exported('objects', 'o.csv', { ...EXPORT_ALL, scope })))
      .trimEnd()
      .split('\n')
      .slice(1);
    expect(lines.map((line) => line.split(',')[0])).toEqual(['y/a.jpg']);
    expect(await read(await exported('image-list', 'list.txt', { ...EXPORT_ALL, scope }))).toBe(
      `${path.join(at.folder, 'pixels/y/a.jpg')}\n`,
    );
  });

  const VIEW = `
import contextlib, io, json, sys
scope = {}
with contextlib.redirect_stdout(io.StringIO()):
    exec(open(sys.argv[1]).read(), scope)
keys = ("image", "row", "label", "gt_class", "loss_cls")
print(json.dumps([[entry.get(key) for key in keys] for entry in scope["rois"]]
    + [["object"] + [entry[key] for key in keys[:3]] for entry in scope.get("objects", [])]))
`;
  itWith(['pyarrow'], 'as Python it is the same RoIs, read from the run file', async () => {
    const view = async (scope: NonNullable<ExportChoice['scope']>, name: string) =>
      askPython(VIEW, await exported('python', name, { ...EXPORT_ALL, scope })) as unknown[][];
    const scope = rows({ ground: 'background', prediction: 0 });
    const found = await view(scope, 'a.py');
    expect(found).toEqual([
      ['x/a.jpg', 1, 'background', 2, 2],
      ['z.png', 0, 'background', 2, 0.5],
    ]);
    expect(found.map(([image, row]) => [image, row])).toEqual(
      (await roisOf(scope, 'a.json')).map(([image, row]: unknown[]) => [image, row]),
    );
    expect(await view(items('objects', { label: [1] }), 'b.py')).toEqual([
      ['y/a.jpg', 0, 'a "big" dog', 1, 9],
      ['object', 'y/a.jpg', 0, 'a "big" dog'],
    ]);
    expect(await view(rows({ status: 'below-budget' }), 'c.py')).toEqual([]);
    const text = await read(await exported('python', 'd.py'));
    const other = path.join(at.folder, 'other.py');
    await writeFile(other, text.replace(/MADE = .*/, 'MADE = "2001-01-01T00:00:00.000Z"'));
    expect(() => askPython(VIEW, other)).toThrow(/was mined anew at/);
  });

  it('is the same text for the clipboard; a folder is none', async () => {
    const text = await read(await exported('python', 'a.py'));
    expect(await selectionText(at.run, EXPORT_ALL, 'python')).toMatchObject({ numRows: 5, text });
    expect(text).toContain(`RUN = ${JSON.stringify(at.run)}\n`);
    await expect(selectionText(at.run, EXPORT_ALL, 'yolo')).rejects.toThrow(/expected a folder to write/);
  });
});
