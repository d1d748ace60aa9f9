"""Writes tide.json: COCO-style results of 60 made-up images, with TIDE's counts and dAP of its released tool.

Usage: python tide.py > tide.json   (needs tidecv 1.0.1 and "numpy<2")
"""
import json

import numpy as np
from tidecv import TIDE, Data
from tidecv.errors.main_errors import BackgroundError, BoxError, ClassError, DuplicateError, MissedError, OtherError

rng = np.random.default_rng(20080811)
K = 4
TYPES = [ClassError, BoxError, OtherError, DuplicateError, BackgroundError, MissedError]


def box():
    x, y = rng.integers(0, 200, 2)
    w, h = rng.integers(8, 60, 2)
    return [float(v) for v in (x, y, w, h)]


def near(b, shift):
    return [float(np.round(v + rng.normal() * shift * s)) for v, s in zip(b, (b[2], b[3], b[2], b[3]))]


def image(i):
    objects = [{"box": box(), "label": int(rng.integers(K)), "ignore": bool(rng.random() < 0.12)}
               for _ in range(rng.integers(0, 7))]
    found = []
    for o in objects:
        for _ in range(rng.integers(0, 4)):
            b = near(o["box"], rng.choice([0.02, 0.1, 0.3]))
            if min(b[2:]) < 2:
                continue
            label = o["label"] if rng.random() < 0.7 else int(rng.integers(K))
            found.append({"box": b, "label": label, "score": float(np.round(rng.random(), 2))})
    for _ in range(rng.integers(0, 3)):
        found.append({"box": box(), "label": int(rng.integers(K)), "score": float(np.round(rng.random() ** 2, 2))})
    # A score of two digits: equal ones are common.
    found.sort(key=lambda d: -d["score"])
    return {"objects": objects, "found": found}


# At the limits: an IoU of exactly .5 with an object that is taken, and of exactly .1.
limits = {
    "objects": [{"box": [0.0, 0.0, 10.0, 10.0], "label": 0, "ignore": False},
                {"box": [100.0, 0.0, 10.0, 10.0], "label": 1, "ignore": False}],
    "found": [{"box": [0.0, 0.0, 10.0, 10.0], "label": 0, "score": 0.9},
              {"box": [0.0, 0.0, 5.0, 10.0], "label": 0, "score": 0.8},
              {"box": [100.0, 0.0, 1.0, 10.0], "label": 1, "score": 0.7},
              {"box": [100.0, 0.0, 5.0, 10.0], "label": 0, "score": 0.6}],
}
images = [limits, *(image(i) for i in range(60))]

gt, pred = Data("gt", 100), Data("pred", 100)
for i, each in enumerate(images):
    gt.add_image(i, str(i))
    for o in each["objects"]:
        (gt.add_ignore_region if o["ignore"] else gt.add_ground_truth)(i, o["label"], o["box"])
    for d in each["found"]:
        pred.add_detection(i, d["label"], d["score"], d["box"])

run = TIDE().evaluate(gt, pred)
main = run.fix_main_errors()
print(json.dumps({
    "numClasses": K,
    "images": images,
    "ap": run.ap,
    "counts": [len(run.error_dict[t]) for t in TYPES],
    "deltaAp": [main[t] for t in TYPES],
}))
