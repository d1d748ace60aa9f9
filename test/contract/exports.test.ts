/** What is exported, read back by those that it is for. */
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/dataset/registry.js';
import { imageSize } from '../../src/dataset/pixels/decode-image.js';
import { decide } from '../../src/run/decisions/decisions.js';
import { exportSelection } from '../../src/run/export/export-selection.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { EXPORT_ALL, EXPORT_CLASSES, makeExportRun, useExportRun } from '../export-run.js';
import { askPython, itWith } from '../python.js';

const { at, exported } = useExportRun();
const read = (...parts: readonly string[]) => readFile(path.join(...parts), 'utf8');

describe('YOLO', () => {
  it('has names of its own for images of several folders, the hardest first, no crowd', async () => {
    const out = await exported('yolo');
    expect((await readdir(path.join(out, 'images'))).sort()).toEqual(['x_a.jpg', 'y_a.jpg', 'z.png']);
    expect(await read(out, 'images.txt')).toBe('./images/y_a.jpg\n./images/x_a.jpg\n./images/z.png\n');
    expect(await read(out, 'labels/x_a.txt')).toBe('0 0.312500 0.416667 0.312500 0.416667\n');
    expect(await read(out, 'labels/z.txt')).toBe('');
    expect((await openDataset(out, {})).classes).toEqual(EXPORT_CLASSES);
  });

  it('links to the images where it is told to', async () => {
    const out = await exported('yolo', 'out', EXPORT_ALL, true);
    expect(await realpath(path.join(out, 'images/y_a.jpg'))).toBe(path.join(at.folder, 'pixels/y/a.jpg'));
  });

  const PROGRAM = `
import json, sys
from ultralytics.data import YOLODataset
from ultralytics.data.utils import check_det_dataset
data = check_det_dataset(sys.argv[1] + "/data.yaml", autodownload=False)
found = YOLODataset(img_path=data["train"], data=data, imgsz=64, augment=False, task="detect")
labels = [[l["im_file"].rsplit("/", 1)[1], l["cls"].ravel().tolist(), l["bboxes"].tolist()] for l in found.labels]
print(json.dumps([data["names"], labels]))
`;
  itWith(['ultralytics'], "opens in Ultralytics' loader, copied and linked", async () => {
    for (const link of [false, true]) {
      const out = await exported('yolo', `yolo-${link}`, EXPORT_ALL, link);
      const [names, labels] = askPython(PROGRAM, out) as [object, [string, number[], number[][]][]];
      expect(names).toEqual({ 0: 'cat', 1: 'a "big" dog' });
      expect(new Map(labels.map(([file, classes]) => [file, classes]))).toEqual(
        new Map([
          ['x_a.jpg', [0]],
          ['y_a.jpg', [1]],
          ['z.png', []],
        ]),
      );
      const [box] = labels.find(([file]) => file === 'x_a.jpg')?.[2] ?? [];
      expect(box?.map((side) => Math.round(side * 1e4) / 1e4)).toEqual([0.3125, 0.4167, 0.3125, 0.4167]);
    }
  });
});

describe('Pascal VOC', () => {
  it('is read back as it was, crowds as difficult', async () => {
    const out = await exported('voc');
    const { images, gts } = await openDataset(out, {});
    expect(images.numImages).toBe(3);
    expect([...gts.isDifficult]).toEqual([0, 1, 0]);
    expect([...gts.x1, ...gts.y1, ...gts.x2, ...gts.y2]).toEqual([10, 30, 0, 10, 5, 0, 30, 64, 10, 30, 40, 12]);
  });

  const PROGRAM = `
import json, sys
from torchvision.datasets import VOCDetection
found = VOCDetection(sys.argv[1], year="2012", image_set="train")
image, target = found[0]
print(json.dumps([len(found), image.size, target["annotation"]["object"]]))
`;
  itWith(['torchvision'], "opens in torchvision's VOCDetection", async () => {
    const out = await exported('voc');
    await mkdir(path.join(at.folder, 'root/VOCdevkit'), { recursive: true });
    await symlink(out, path.join(at.folder, 'root/VOCdevkit/VOC2012'));
    expect(askPython(PROGRAM, path.join(at.folder, 'root'))).toEqual([
      3,
      [64, 48],
      [
        expect.objectContaining({ name: 'cat', bndbox: { xmin: '11', ymin: '11', xmax: '30', ymax: '30' } }),
        expect.objectContaining({ name: 'a "big" dog', difficult: '1' }),
      ],
    ]);
  });

  itWith(['datumaro'], 'opens in Datumaro, which CVAT imports by', async () => {
    const [names, items] = askPython(DATUMARO, await exported('voc'), 'voc') as [string[], Record<string, unknown[][]>];
    expect(names).toEqual(expect.arrayContaining(EXPORT_CLASSES));
    // It takes corners as they stand, a pixel further than the devkit means them.
    expect(items['x_a']?.map(([name, box]) => [name, box])).toEqual([
      ['cat', [11, 11, 30, 30]],
      ['a "big" dog', [31, 6, 64, 40]],
    ]);
  });
});

/** Images, labels of their boxes, and names of the classes, as Datumaro reads them. */
const DATUMARO = `
import json, sys
import datumaro
found = datumaro.Dataset.import_from(sys.argv[1], sys.argv[2])
names = [each.name for each in found.categories()[datumaro.AnnotationType.label]]
plain = lambda box: [names[box.label], [round(side) for side in box.points], box.attributes]
boxes = lambda item: [plain(box) for box in item.annotations]
print(json.dumps([names, {item.id: boxes(item) for item in found}]))
`;

describe('COCO', () => {
  const ignore = { verdict: 'ignore', note: '' } as const;
  const object = { annotation: 0, label: 'cat', box: [10, 10, 30, 30] } as const;

  it('has what was decided to be ignored as iscrowd, and no image that was', async () => {
    await decide(at.run, 'Ada', [
      { target: { image: 'x/a.jpg', object }, decision: ignore },
      { target: { image: 'z.png' }, decision: ignore },
    ]);
    const { images, annotations } = JSON.parse(await read(await exported('coco', 'coco.json')));
    expect(images.map(({ file_name }: { file_name: string }) => file_name)).toEqual(['x/a.jpg', 'y/a.jpg']);
    expect(annotations.map(({ iscrowd }: { iscrowd: number }) => iscrowd)).toEqual([1, 1, 0]);
    expect(await read(await exported('yolo'), 'labels/x_a.txt')).toBe('');
  });

  it('goes by the latest decision on an object, however its annotation was numbered', async () => {
    await decide(at.run, 'Ada', [{ target: { image: 'x/a.jpg', object }, decision: ignore }], '2026-11-27T10:00:00Z');
    const renumbered = { image: 'x/a.jpg', object: { ...object, annotation: 7 } };
    const hard = { verdict: 'hard', note: '' } as const;
    await decide(at.run, 'Bob', [{ target: renumbered, decision: hard }], '2026-11-27T11:00:00Z');
    const { annotations } = JSON.parse(await read(await exported('coco', 'coco.json')));
    expect(annotations.map(({ iscrowd }: { iscrowd: number }) => iscrowd)).toEqual([0, 1, 0]);
  });

  it('never replaces the data set that the run was made from', async () => {
    const file = path.join(at.folder, 'annotations.json');
    await writeFile(file, 'labels');
    const other = path.join(at.folder, 'other');
    await mkdir(other);
    const own = await makeExportRun(other, file);
    const out = { path: file, force: true, link: false };
    await expect(exportSelection(own, EXPORT_ALL, out, 'coco')).rejects.toThrow(/expected a file that is no input/);
    expect(await read(file)).toBe('labels');
  });

  const PROGRAM = `
import contextlib, io, json, sys
from pycocotools.coco import COCO
with contextlib.redirect_stdout(io.StringIO()):
    found = COCO(sys.argv[1])
cats = found.getAnnIds(catIds=[1], iscrowd=False)
print(json.dumps([len(found.getImgIds()), len(found.getAnnIds(iscrowd=True)), len(cats)]))
`;
  itWith(['pycocotools'], 'opens in pycocotools', async () => {
    expect(askPython(PROGRAM, await exported('coco', 'coco.json'))).toEqual([3, 1, 1]);
  });

  // mmcv-lite lacks the compiled operations, which no reader calls.
  const MMDETECTION = `
import json, sys, types
try:
    import mmcv._ext
except ImportError:
    class Operations(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return lambda *args: None
    sys.modules["mmcv._ext"] = Operations("mmcv._ext")
from mmdet.datasets import CocoDataset
classes = json.loads(sys.argv[3])
found = CocoDataset(ann_file=sys.argv[1], data_prefix=dict(img=sys.argv[2]), metainfo=dict(classes=classes))
print(json.dumps([[each["img_path"], each["instances"]] for each in found]))
`;
  itWith(['mmcv', 'mmengine', 'mmdet'], "opens in MMDetection's CocoDataset", async () => {
    const pixels = path.join(at.folder, 'pixels');
    const file = await exported('coco', 'coco.json');
    expect(askPython(MMDETECTION, file, pixels, JSON.stringify(EXPORT_CLASSES))).toEqual([
      [
        path.join(pixels, 'x/a.jpg'),
        [
          { ignore_flag: 0, bbox: [10, 10, 30, 30], bbox_label: 0 },
          { ignore_flag: 1, bbox: [30, 5, 64, 40], bbox_label: 1 },
        ],
      ],
      [path.join(pixels, 'y/a.jpg'), [{ ignore_flag: 0, bbox: [0, 0, 10, 12], bbox_label: 1 }]],
      [path.join(pixels, 'z.png'), []],
    ]);
  });
});

describe('crops', () => {
  it('are the hard negatives, each in the folder of what it is taken for, cut at the edge of the image', async () => {
    const out = await exported('crops');
    const files = (await readdir(out, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort();
    expect(files).toEqual(['a _big_ dog/x_a-2.jpg', 'cat/x_a-1.jpg', 'cat/z-0.jpg']);
    expect(await imageSize(path.join(out, 'a _big_ dog/x_a-2.jpg'))).toEqual({ width: 24, height: 28 });
  });

  const PROGRAM = `
import json, sys
from torchvision.datasets import ImageFolder
found = ImageFolder(sys.argv[1])
print(json.dumps([found.classes, [label for _, label in found], found[1][0].size]))
`;
  itWith(['torchvision'], "open in torchvision's ImageFolder", async () => {
    expect(askPython(PROGRAM, await exported('crops'))).toEqual([
      ['a _big_ dog', 'cat'],
      [0, 1, 1],
      [20, 20],
    ]);
  });
});

describe('what a training samples by', () => {
  const PROGRAM = `
import json, sys
sys.path.insert(0, sys.argv[1])
import torch
from sampler import weighted_sampler
torch.manual_seed(0)
paths = [sys.argv[2] + name for name in ("/x/a.jpg", "/y/a.jpg", "/z.png", "/other.jpg")]
drawn = torch.bincount(torch.tensor(list(weighted_sampler(paths, num_samples=9000))), minlength=4)
try:
    weighted_sampler(["elsewhere.jpg"])
except ValueError as error:
    print(json.dumps([drawn.tolist(), str(error)]))
`;
  itWith(['torch'], 'WeightedRandomSampler draws by the mean loss of an image', async () => {
    await exported('weighted-sampler', 'sampler.py');
    const [drawn, error] = askPython(PROGRAM, at.folder, path.join(at.folder, 'pixels')) as [number[], string];
    // Means 2, 9 and 0.5.
    [2, 9, 0.5, 0].forEach((mean, i) => expect((drawn[i] ?? 0) / 9000).toBeCloseTo(mean / 11.5, 1));
    expect([drawn[3], error]).toEqual([0, 'none of 1 paths is one of the 3 that are listed']);
  });

  it('a weight an object is its loss, 1 on average; none where nothing was matched with it', async () => {
    const lines = (await read(await exported('objects', 'objects.csv'))).trimEnd().split('\n');
    expect(lines.map((line) => line.split(',').at(-1))).toEqual(['weight', '0.5', '', '1.5']);
  });

  const SNIPPETS = `
import ast, json, sys
names = ["mmdetection.py", "torchvision_ohem.py", "detectron2_ohem.py"]
trees = [ast.parse(open(sys.argv[1] + "/" + name).read()) for name in names]
scope = {}
exec(open(sys.argv[1] + "/mmdetection.py").read(), scope)
print(json.dumps(scope["model"]["train_cfg"]["rcnn"]["sampler"]))
`;
  itWith(['ast'], "MMDetection's OHEMSampler and the snippets are Python", async () => {
    const mining = resolveConfig('mmdet', { num: 256, negPosUb: 3 });
    const out = await exported('sampler-config', 'out', { ...EXPORT_ALL, mining });
    expect(askPython(SNIPPETS, out)).toEqual({
      type: 'OHEMSampler',
      num: 256,
      pos_fraction: 0.25,
      neg_pos_ub: 3,
      add_gt_as_proposals: true,
    });
  });

  const CONFIG = `
import json, sys
from mmengine.config import Config
print(json.dumps(Config.fromfile(sys.argv[1]).model.train_cfg.rcnn.sampler))
`;
  itWith(['mmengine'], "MMDetection's sampler opens in MMEngine's configuration reader", async () => {
    const out = await exported('sampler-config', 'out', {
      ...EXPORT_ALL,
      mining: resolveConfig('mmdet', { num: 256 }),
    });
    expect(askPython(CONFIG, path.join(out, 'mmdetection.py'))).toMatchObject({ type: 'OHEMSampler', num: 256 });
  });

  it("TF-OD's hard_example_miner has the preset's numbers", async () => {
    const mining = resolveConfig('tf-od', { numHardExamples: 100, rankBy: 'class', maxNegativesPerPositive: 3 });
    const out = await exported('sampler-config', 'out', { ...EXPORT_ALL, mining });
    expect(await read(out, 'tf_object_detection.config')).toMatch(
      /num_hard_examples: 100\n.*loss_type: CLASSIFICATION\n.*max_negatives_per_positive: 3\n/s,
    );
  });

  const TRAINS = `
import json, sys
sys.path.insert(0, sys.argv[1])
import torch, torchvision
from torchvision_ohem import mine_hard_rois
torch.manual_seed(0)
model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
    weights=None, weights_backbone=None, num_classes=3, min_size=64, max_size=64)
mine_hard_rois(model)
boxes = torch.tensor([[10.0, 10.0, 30.0, 30.0]])
losses = model.train()([torch.rand(3, 64, 64)] * 2, [{"boxes": boxes, "labels": torch.tensor([1])}] * 2)
sum(losses.values()).backward()
print(json.dumps({name: value.item() for name, value in losses.items()}))
`;
  itWith(['torchvision'], 'the snippet for torchvision trains', async () => {
    const losses = askPython(TRAINS, await exported('sampler-config')) as Record<string, number>;
    for (const name of ['loss_classifier', 'loss_box_reg']) expect(losses[name]).toBeGreaterThan(0);
  });
});

describe('labelling tools', () => {
  const PROGRAM = `
import json, sys
from label_studio_sdk.label_interface import LabelInterface
task = json.load(open(sys.argv[1]))[0]
labels = "".join(f'<Label value="{name}"/>' for name in ("cat", "a &quot;big&quot; dog"))
labels = f'<RectangleLabels name="label" toName="image">{labels}</RectangleLabels>'
view = f'<View><Image name="image" value="$image"/>{labels}</View>'
interface = LabelInterface(view)
print(json.dumps([interface.validate_annotation(each) for each in task["annotations"]]
    + [interface.validate_prediction(each) for each in task["predictions"]]))
`;
  itWith(['label_studio_sdk'], 'Label Studio takes annotations and predictions', async () => {
    expect(askPython(PROGRAM, await exported('label-studio', 'tasks.json'))).toEqual([true, true]);
  });

  itWith(['datumaro'], "CVAT's XML opens in Datumaro, where the images lie beside it in images/", async () => {
    await symlink(path.join(at.folder, 'pixels'), path.join(at.folder, 'images'));
    await exported('cvat', 'cvat.xml');
    const [names, items] = askPython(DATUMARO, at.folder, 'cvat') as [string[], Record<string, unknown>];
    expect(names).toEqual(EXPORT_CLASSES);
    expect(items['x/a']).toEqual([['cat', [10, 10, 30, 30], { loss: '3.0000', occluded: false }]]);
  });

  const FIFTYONE = `
import json, sys
import fiftyone as fo
found = fo.Dataset.from_json(sys.argv[1], name=sys.argv[1])
read = [[each.filepath, each.ground_truth, each.predictions] for each in found.sort_by("loss_sum", reverse=True)]
plain = lambda each: [each.label, each.loss, each.confidence, each.bounding_box]
boxes = lambda labels: [plain(each) for each in labels.detections]
print(json.dumps([[path, boxes(ground_truth), boxes(predictions)] for path, ground_truth, predictions in read]))
found.delete()
`;
  it('FiftyOne: objects with their losses, predictions with their scores', async () => {
    const { samples, info } = JSON.parse(await read(await exported('fiftyone', 'set.json')));
    expect(info).toMatchObject({ complete: true });
    expect(samples[0]).toMatchObject({
      filepath: path.join(at.folder, 'pixels/x/a.jpg'),
      metadata: { _cls: 'ImageMetadata', width: 64, height: 48 },
      ground_truth: {
        detections: [
          { label: 'cat', loss: 3, iscrowd: false },
          { loss: null, iscrowd: true },
        ],
      },
      predictions: { detections: [{ confidence: 0.75, loss: 3, matched_with: 'cat' }, {}, {}] },
    });
  });
  // Its import starts the database.
  itWith(['fiftyone'], 'FiftyOne opens it as a data set', async () => {
    const found = askPython(FIFTYONE, await exported('fiftyone', 'set.json')) as [string, unknown[], unknown[]][];
    expect(found.map(([file]) => path.relative(path.join(at.folder, 'pixels'), file))).toEqual([
      'y/a.jpg',
      'x/a.jpg',
      'z.png',
    ]);
    expect(found[1]?.[1][0]).toEqual(['cat', 3, null, [10 / 64, 10 / 48, 20 / 64, 20 / 48]]);
    expect(found[1]?.[2]).toHaveLength(3);
  });
});
