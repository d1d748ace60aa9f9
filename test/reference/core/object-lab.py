"""Writes object-lab.json: labels and predictions of 40 made-up images, with cleanlab's scores of each.

Usage: python object-lab.py > object-lab.json   (needs cleanlab 2.9.0)
"""
import contextlib
import io
import json

import numpy as np
from cleanlab.object_detection import rank

rng = np.random.default_rng(23090083)
K = 4


def box():
    x, y = rng.integers(0, 700, 2)
    w, h = rng.integers(8, 120, 2)
    return np.array([x, y, x + w, y + h], float)


def near(b, shift):
    size = np.array([b[2] - b[0], b[3] - b[1]] * 2)
    return np.round(b + rng.normal(size=4) * shift * size)


def image():
    labels = [{"box": box(), "label": int(rng.integers(K))} for _ in range(rng.integers(1, 6))]
    if rng.random() < 0.2:
        labels.append({"box": labels[0]["box"], "label": int(rng.integers(K))})
    found = []
    for o in labels:
        for _ in range(rng.integers(0, 3)):
            label = o["label"] if rng.random() < 0.75 else int(rng.integers(K))
            score = 1 - rng.random() ** 2 if rng.random() < 0.5 else 1 - 0.06 * rng.random()
            b = near(o["box"], rng.choice([0.02, 0.1, 0.3]))
            if b[2] > b[0] + 1 and b[3] > b[1] + 1:
                found.append({"box": b, "label": label, "score": score})
    for _ in range(rng.integers(0, 3)):
        found.append({"box": box(), "label": int(rng.integers(K)), "score": 1 - 0.08 * rng.random()})
    # The order that cleanlab sees them in: by class, the best first.
    found.sort(key=lambda d: (d["label"], -d["score"]))
    return {"labels": labels, "found": found}


images = [image() for _ in range(40)]
given = [{"bboxes": np.array([o["box"] for o in i["labels"]]), "labels": np.array([o["label"] for o in i["labels"]])}
         for i in images]
predicted = []
for i in images:
    rows = [[[*d["box"], d["score"]] for d in i["found"] if d["label"] == k] for k in range(K)]
    predicted.append([np.array(r, float).reshape(-1, 5) for r in rows])

both = {"labels": given, "predictions": predicted}
# cleanlab prints.
with contextlib.redirect_stdout(io.StringIO()):
    scores = {
        "overlooked": [s.tolist() for s in rank.compute_overlooked_box_scores(**both)],
        "badlyLocated": [s.tolist() for s in rank.compute_badloc_box_scores(**both)],
        "swapped": [s.tolist() for s in rank.compute_swap_box_scores(**both)],
        "image": rank.get_label_quality_scores(**both, verbose=False).tolist(),
    }
text = json.dumps({"numClasses": K, "images": images, **scores}, default=lambda a: a.tolist())
print(text.replace("NaN", "null"))
