"""torchvision's `nms`, some calls a line of standard input: so that it takes turns with another contestant.

    python torchvision_nms.py BOXES.f32... < lines

A file holds x1, y1, x2, y2 and the score of its boxes, a column each, float32. A line names a file by its place and says how many
calls; the answer is one line of JSON: {"ms": [...], "kept"}. The first line of all tells the versions.
"""
import json
import sys
import time

import numpy as np
import torch
import torchvision
from torchvision.ops import nms

THRESHOLD = 0.7


def read(path):
    columns = np.fromfile(path, np.float32).reshape(5, -1)
    return torch.from_numpy(columns[:4].T.copy()), torch.from_numpy(columns[4].copy())


tables = [read(path) for path in sys.argv[1:]]
print(json.dumps({"torchvision": torchvision.__version__, "torch": torch.__version__}), flush=True)
for line in sys.stdin:
    place, calls = map(int, line.split())
    boxes, scores = tables[place]
    ms = []
    for _ in range(calls):
        start = time.perf_counter()
        kept = nms(boxes, scores, THRESHOLD)
        ms.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"ms": ms, "kept": len(kept)}), flush=True)
