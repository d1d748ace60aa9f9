import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import AdmZip from 'adm-zip';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { PresetId } from '../../../../src/core/mining/samplers/index.js';
import { openDump } from '../../../../src/dataset/dump/open-dump.js';
import { sampleDump } from '../../../../src/run/dump/sample-dump.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-dump-'));
  file = path.join(folder, 'dump.jsonl');
});
afterAll(() => rm(folder, { recursive: true }));

const HEADER = { ohem_dump: 1, task: 'detection', classes: ['cat', 'dog'], background: 0, activation: 'softmax' };
const IMAGE = {
  image: 'a.jpg',
  rois: [
    [0, 0, 10, 10],
    [20, 20, 40, 40],
  ],
  label: [0, 2],
  loss_cls: [0.5, 1.5],
  loss_loc: [0, 0.25],
};

interface Roi {
  loss_cls: number | null;
  loss_loc: number | null;
  loss: number | null;
  rank: number | null;
  status: string;
  suppressed_by: number | null;
}
interface Answer {
  batches: {
    images: string[];
    keep_num: number;
    cls_loss: number;
    loc_loss: number;
    counts: Record<string, number>;
    rois: Roi[];
  }[];
}

async function sample(
  lines: readonly (object | string)[],
  preset: PresetId = 'paper',
  given = {},
): Promise<Answer & { notes: readonly string[] }> {
  await writeFile(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  const { text: json, notes } = await sampleDump(file, resolveConfig(preset, given));
  const text = json.join('');
  expect(text).not.toMatch(/NaN|Infinity/);
  return { ...(JSON.parse(text) as Answer), notes };
}

describe('a dump of losses', () => {
  it('keeps them as they are, in float64', async () => {
    const exact = [0.1, 1 / 3];
    const { batches } = await sample([
      HEADER,
      {
        ...IMAGE,
        loss_cls: exact,
        logits: [
          [9, 9, 9],
          [9, 9, 9],
        ],
        loc_pred: [
          [1, 1, 1, 1],
          [1, 1, 1, 1],
        ],
        loc_target: [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
      },
    ]);
    expect(batches[0].rois.map(({ loss_cls }) => loss_cls)).toEqual(exact);
    expect(batches[0].rois.map(({ loss_loc }) => loss_loc)).toEqual([0, 0.25]);
    expect(batches[0]).toMatchObject({ keep_num: 2, cls_loss: (0.1 + 1 / 3) / 2, loc_loss: 0.125 });
  });

  it('may hold NaN and infinities: such RoIs are invalid and null', async () => {
    const { batches } = await sample([
      HEADER,
      { ...IMAGE, loss_cls: ['NaN', 1] },
      { ...IMAGE, loss_cls: ['Infinity', '-Infinity'] },
    ]);
    expect(batches[0].counts).toMatchObject({ invalid: 3, selected: 1 });
    expect(batches[0].rois[0]).toEqual({
      image: 0,
      row: 0,
      loss_cls: null,
      loss_loc: 0,
      loss: null,
      rank: null,
      status: 'invalid',
      suppressed_by: null,
    });
  });

  it('says when it has no box losses, or no overlaps for a preset that reads them', async () => {
    const { notes } = await sample([HEADER, { ...IMAGE, loss_loc: undefined }], 'bg-lo');
    expect(notes).toEqual([
      'no loc_pred, loc_target or loss_loc: the box loss is 0',
      'no iou or gt: every overlap counts as 0',
    ]);
    expect((await sample([HEADER, IMAGE])).notes).toEqual([]);
    expect(
      (await sample([HEADER, { ...IMAGE, gt: [{ box: [0, 0, 10, 10], label: 1, crowd: false }] }], 'bg-lo')).notes,
    ).toEqual([]);
  });

  it('without images, and with an image of no RoIs, has an answer', async () => {
    expect((await sample([HEADER])).batches).toEqual([]);
    const { batches } = await sample([HEADER, { image: 'a', rois: [], label: [] }]);
    expect(batches).toEqual([
      {
        images: ['a'],
        keep_num: 0,
        cls_loss: 0,
        loc_loss: 0,
        counts: { selected: 0, 'nms-suppressed': 0, 'below-budget': 0, ignored: 0, invalid: 0 },
        rois: [],
      },
    ]);
  });

  it('forms minibatches of consecutive lines; blank lines and U+2028 are no lines', async () => {
    const { batches } = await sample(
      [HEADER, IMAGE, '', { ...IMAGE, image: 'b\u2028' }, { ...IMAGE, image: 'c' }, '', ''],
      'paper',
      { imagesPerBatch: 2 },
    );
    expect(batches.map(({ images }) => images)).toEqual([['a.jpg', 'b\u2028'], ['c']]);
  });

  it('of a classifier has one row a line', async () => {
    const header = { ohem_dump: 1, task: 'classification', classes: ['0', '1', '2'], activation: 'softmax' };
    const { batches } = await sample(
      [
        header,
        { image: 'x', label: 2, logits: [0, 0, 0] },
        { image: 'y', label: 0, loss_cls: 3 },
        { image: 'z', label: -1, logits: [1, 2, 3] },
      ],
      'top-rate',
      { imagesPerBatch: 3, keepRate: 0.5 },
    );
    expect(batches[0].rois[0].loss_cls).toBeCloseTo(Math.log(3), 12);
    expect(batches[0]).toMatchObject({ images: ['x', 'y', 'z'], keep_num: 1, cls_loss: 3 });
  });

  it('is a proper minibatch for NMS: the suppressor is a row of the same image', async () => {
    const near = [
      [0, 0, 10, 10],
      [0, 0, 10, 10.5],
    ];
    const { batches } = await sample([HEADER, IMAGE, { ...IMAGE, rois: near, loss_cls: [1, 2] }]);
    expect(batches[0].rois[2]).toMatchObject({ status: 'nms-suppressed', suppressed_by: 1 });
  });
});

const WRONG: Record<string, [lines: readonly (object | string)[], message: RegExp]> = {
  'an empty file': [[''], /dump: line 1: expected a header, received an empty file/],
  'no JSON': [['hello'], /dump: line 1: expected a JSON object, received /],
  'a list': [['[1]'], /dump: line 1: expected a JSON object, received \[1\]/],
  'another header': [[{ hello: 1 }], /dump: line 1: ohem_dump: expected 1, received nothing/],
  'a newer version': [[{ ...HEADER, ohem_dump: 2 }], /dump: line 1: ohem_dump: expected 1, received 2/],
  'a task': [[{ ...HEADER, task: 'pose' }], /line 1: task: expected detection or classification, received "pose"/],
  'no classes': [[{ ...HEADER, classes: [] }], /line 1: classes: expected 1 to 32766 names, received 0/],
  'a class that is no text': [[{ ...HEADER, classes: ['a', 7] }], /line 1: classes\[1\]: expected a text, received 7/],
  'a background in the middle': [
    [{ ...HEADER, background: 1 }],
    /line 1: background: expected 0, 2 \(the number of classes\) or null, received 1/,
  ],
  'a name for the background': [
    [{ ...HEADER, classes: ['__background__', 'cat', 'dog'] }],
    /line 1: classes\[0\]: expected foreground classes alone, without the background, received "__background__"/,
  ],
  'no background': [[{ ...HEADER, background: undefined }], /line 1: background: .*received nothing/],
  'an activation': [
    [{ ...HEADER, activation: 'relu' }],
    /line 1: activation: expected softmax or sigmoid, received "relu"/,
  ],
  'bare NaN': [
    [HEADER, '{"image":"a","rois":[],"label":[],"loss_cls":[NaN]}'],
    /line 2: expected a JSON object.*strings "NaN"/,
  ],
  'no rois': [[HEADER, { ...IMAGE, rois: undefined }], /line 2: rois: expected a list, received nothing/],
  'a box of three': [
    [
      HEADER,
      {
        ...IMAGE,
        rois: [
          [0, 0, 1, 1],
          [0, 0, 1],
        ],
      },
    ],
    /line 2: rois\[1\]: expected a list of 4 numbers, received 3/,
  ],
  'a text in a box': [
    [
      HEADER,
      {
        ...IMAGE,
        rois: [
          [0, 0, 1, 1],
          [0, 0, 1, 'x'],
        ],
      },
    ],
    /line 2: rois\[1\]\[3\]: expected a number, .*received "x"/,
  ],
  'a number as text': [[HEADER, { ...IMAGE, loss_cls: [0, '1'] }], /line 2: loss_cls\[1\]: expected a number/],
  'a prototype as number': [
    [HEADER, { ...IMAGE, loss_cls: [0, 'constructor'] }],
    /line 2: loss_cls\[1\]: expected a number/,
  ],
  'no label': [[HEADER, { ...IMAGE, label: undefined }], /line 2: label: expected one entry a RoI, received nothing/],
  'too few labels': [[HEADER, { ...IMAGE, label: [0] }], /line 2: label: expected 2 entries, received 1/],
  'a label beyond K': [
    [HEADER, { ...IMAGE, label: [0, 3] }],
    /line 2: label\[1\]: expected an integer in \[-1, 2\], received 3/,
  ],
  'a label of a half': [[HEADER, { ...IMAGE, label: [0, 0.5] }], /line 2: label\[1\]: expected an integer/],
  'neither loss nor logits': [
    [HEADER, { ...IMAGE, loss_cls: undefined }],
    /line 2: loss_cls: expected loss_cls or logits, received neither/,
  ],
  'logits of too few columns': [
    [
      HEADER,
      {
        ...IMAGE,
        loss_cls: undefined,
        logits: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
    /line 2: logits: expected rows of 3 columns \(softmax\), received 2/,
  ],
  'ragged logits': [
    [
      HEADER,
      {
        ...IMAGE,
        loss_cls: undefined,
        logits: [
          [0, 1, 2],
          [0, 1],
        ],
      },
    ],
    /line 2: logits\[1\]: expected a list of 3 numbers, received 2/,
  ],
  'logits without activation': [
    [
      { ...HEADER, activation: undefined },
      {
        ...IMAGE,
        loss_cls: undefined,
        logits: [
          [0, 1, 2],
          [0, 1, 2],
        ],
      },
    ],
    /line 2: activation: expected softmax or sigmoid in the header/,
  ],
  'half a box loss': [
    [
      HEADER,
      {
        ...IMAGE,
        loss_loc: undefined,
        loc_pred: [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ],
      },
    ],
    /line 2: loc_target: expected loc_target beside loc_pred, received nothing/,
  ],
  'a match that is not there': [
    [HEADER, { ...IMAGE, matched_gt: [0, -1], gt: [] }],
    /line 2: matched_gt\[0\]: expected an integer in \[-1, -1\]/,
  ],
  'a broken object': [
    [HEADER, { ...IMAGE, gt: [{ box: [1, 2], label: 1 }] }],
    /line 2: gt\[0\]: box: expected 4 entries/,
  ],
  'no image name': [[HEADER, { ...IMAGE, image: 3 }], /line 2: image: expected a text, received 3/],
};

describe('a dump that is wrong is refused with file, line, field, expected and received:', () => {
  for (const [name, [lines, message]] of Object.entries(WRONG)) {
    it(name, async () => {
      const refused = await sample(lines).then(
        () => null,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(MiningError);
      expect((refused as MiningError).message).toMatch(message);
      expect((refused as MiningError).message).toContain(`(${file})`);
    });
  }

  it('no UTF-8', async () => {
    await writeFile(file, Buffer.concat([Buffer.from(`${JSON.stringify(HEADER)}\n`), Buffer.of(0xff, 0xfe)]));
    await expect(sampleDump(file, resolveConfig('paper'))).rejects.toThrow(/line 2: expected UTF-8 text/);
  });

  it('no file, a folder', async () => {
    await expect(sampleDump(path.join(folder, 'none'), resolveConfig('paper'))).rejects.toThrow(/^dump: file: /);
    await expect(sampleDump(folder, resolveConfig('paper'))).rejects.toThrow(/^dump: file: /);
  });
});

const reference = path.join(import.meta.dirname, '../../../reference/dump');

describe('an NPZ', () => {
  it('with pickled objects is refused, its pickle unread', async () => {
    const bytes = await readFile(path.join(reference, 'pickled.npz'));
    await writeFile(file, bytes);
    await expect(sampleDump(file, resolveConfig('paper'))).rejects.toThrow(
      /dump: label: expected an array of numbers or texts, received an array of Python objects/,
    );
  });

  it('that inflates to more than it may is refused before it does', async () => {
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (2500000, 2), }\n`;
    const start = Buffer.from('\u0093NUMPY\u0002\0\0\0\0\0', 'latin1');
    start.writeUInt32LE(header.length, 8);
    const zeros = Buffer.concat([start, Buffer.from(header), Buffer.alloc(40_000_000)]);
    const zip = new AdmZip();
    zip.addFile('rois.npy', zeros);
    await writeFile(file, zip.toBuffer());
    await expect(openDump(file, { maxInflated: 10_000_000 })).rejects.toThrow(
      /dump: rois: .* more than the 10000000 that are left/,
    );
  });

  it('with arrays that do not fit names the array', async () => {
    await expect(sampleDump(path.join(reference, 'misfit.npz'), resolveConfig('paper'))).rejects.toThrow(
      /dump: rois: expected numbers of shape \(4, 4\), received numbers of shape \(4, 5\)/,
    );
  });

  it('that is damaged or cut gives an answer or a MiningError', async () => {
    for (const name of ['case-0.npz', 'case-1.npz']) {
      const bytes = await readFile(path.join(reference, name));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
          fc.nat(bytes.length),
          async (flips, cut) => {
            const broken = Buffer.from(flips.length === 0 ? bytes.subarray(0, cut) : bytes);
            for (const [at, value] of flips) broken[at] = value;
            await writeFile(file, broken);
            await sampleDump(file, resolveConfig('paper')).catch((error: unknown) =>
              expect(error).toBeInstanceOf(MiningError),
            );
          },
        ),
        { numRuns: 150 },
      );
    }
  });
});
