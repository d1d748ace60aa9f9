"""COCO's average precision by pycocotools, VOC's (2007: 11 points; 2010: all points) by numpy, as average-precision.json.

pip install pycocotools numpy; python average-precision.py > average-precision.json
"""
import contextlib
import io
import json
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

rng = np.random.default_rng(19)
NUM_CLASSES = 3


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)


def voc(images, label, threshold, eleven):
    found = sorted(((-d[1], n, d[2]) for n, image in enumerate(images) for d in image["found"] if d[0] == label), key=lambda entry: entry[0])
    taken = set()
    positives = sum(g[0] == label and not g[2] for image in images for g in image["truth"])
    if positives == 0:
        return None
    hits = []
    for _, n, box in found:
        overlaps = [overlap(box, g[1]) if g[0] == label else 0 for g in images[n]["truth"]]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= threshold:
            if images[n]["truth"][best][2]:
                continue
            hits.append((n, best) not in taken)
            taken.add((n, best))
        else:
            hits.append(False)
    tp = np.cumsum(hits)
    recall = tp / positives
    precision = tp / np.arange(1, len(hits) + 1)
    if eleven:
        return float(np.mean([max(precision[recall >= t], default=0) for t in np.arange(11) / 10]))
    return float(sum((r - p) * max(precision[recall >= r]) for p, r in zip(np.r_[0, recall], recall) if r > p))


def coco(images):
    gts, dts = [], []
    for n, image in enumerate(images):
        for label, (x1, y1, x2, y2), crowd in image["truth"]:
            gts.append({"id": len(gts) + 1, "image_id": n + 1, "category_id": label + 1, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1), "iscrowd": int(crowd)})
        for label, score, (x1, y1, x2, y2) in image["found"]:
            dts.append({"image_id": n + 1, "category_id": label + 1, "score": score, "bbox": [x1, y1, x2 - x1, y2 - y1]})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"info": {}, "images": [{"id": n + 1} for n in range(len(images))], "categories": [{"id": k + 1} for k in range(NUM_CLASSES)], "annotations": gts}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(dts), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][:, :, :, 0, 2]
    by_class = [[float(v) if v > -1 else None for v in precision[:, :, k].mean(1)] for k in range(NUM_CLASSES)]
    return {"map": float(evaluation.stats[0]), "map50": float(evaluation.stats[1]), "map75": float(evaluation.stats[2]), "by_class": by_class}


def make(num_images, crowds, crowded):
    images = []
    for _ in range(num_images):
        truth, found = [], []
        for _ in range(rng.integers(0, 9)):
            label = int(rng.integers(0, NUM_CLASSES))
            x, y, w, h = [int(v) for v in (*rng.integers(0, 200, 2), *rng.integers(8, 60, 2))]
            truth.append([label, [x, y, x + w, y + h], bool(crowds and rng.random() < 0.2)])
            for _ in range(rng.integers(0, 4)):
                dx, dy, dw, dh = rng.normal(0, 3, 4).round(1)
                other = label if rng.random() < 0.8 else int(rng.integers(0, NUM_CLASSES))
                found.append([other, int(rng.integers(1, 60)) / 64, [float(x + dx), float(y + dy), float(x + w + dw), float(y + h + dh)]])
        for _ in range(130 if crowded else rng.integers(0, 5)):
            x, y, w, h = [float(v) for v in (*rng.integers(0, 200, 2), *rng.integers(8, 60, 2))]
            found.append([0 if crowded else int(rng.integers(0, NUM_CLASSES)), int(rng.integers(1, 64)) / 64, [x, y, x + w, y + h]])
        images.append({"truth": truth, "found": found})
    return images


cases = []
for name, images in [("plain", make(12, False, False)), ("crowds and difficult", make(14, True, False)), ("more than 100 detections", make(3, False, True))]:
    expected = {"coco": coco(images)}
    for key, eleven in [("voc07", True), ("voc10", False)]:
        expected[key] = [voc(images, k, 0.5, eleven) for k in range(NUM_CLASSES)]
    cases.append({"name": name, "images": images, **expected})
print(json.dumps({"made_by": f"pycocotools {version('pycocotools')}, numpy {np.__version__}", "num_classes": NUM_CLASSES, "cases": cases}))
