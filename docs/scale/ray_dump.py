# RoI dumps on a Ray cluster, for teams that have one: python ray_dump.py images/ losses.jsonl, then
#   ohem import losses.jsonl --out losses.ohem --images images/
# `measure` is yours: it gives one line of docs/roi-dump.md an image, as the training computes it. MIT licence.
import json
import sys
from pathlib import Path

import ray


class Measure:
    def __init__(self):  # once a worker: load the model here
        import torch

        torch.manual_seed(0)
        self.head = torch.nn.Linear(4, 3)

    def __call__(self, batch):
        return {"line": [json.dumps(self.measure(path)) for path in batch["path"]]}

    def measure(self, path):
        import torch

        rois = torch.tensor([[0.0, 0, 10, 10], [5, 5, 20, 20]])  # in place of proposals
        return {"image": Path(path).name, "rois": rois.tolist(), "label": [0, 2], "logits": self.head(rois / 20).tolist()}


if __name__ == "__main__":
    folder, out = sys.argv[1:3]
    ray.init(include_dashboard=False)
    paths = ray.data.from_items([{"path": str(path)} for path in sorted(Path(folder).glob("*.jpg"))])
    lines = paths.map_batches(Measure, batch_size=16, concurrency=2)  # num_gpus=1 for a GPU each
    with open(out, "w", encoding="utf-8") as file:
        header = {"ohem_dump": 1, "task": "detection", "classes": ["cat", "dog"], "background": 0, "activation": "softmax"}
        print(json.dumps(header), file=file)
        for row in lines.iter_rows():
            print(row["line"], file=file, flush=True)
