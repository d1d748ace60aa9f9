"""Validation of a small random YOLO with dump_ultralytics.py. What it writes is no loss of the training, so there is none to
compare with: the expected mean is the binary cross-entropy computed here from the head's logits instead of its probabilities.
It makes its data set in the folder that is its argument."""
import pathlib
import sys

import cv2
import numpy as np
import torch
import ultralytics
from trial import answer, writer

root = pathlib.Path(sys.argv[1]).resolve()
for folder in ("images/val", "labels/val"):
    (root / folder).mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(0)
for i, (height, width) in enumerate([(30, 50), (40, 40), (45, 30)]):
    cv2.imwrite(str(root / f"images/val/{i}.png"), random.integers(0, 255, (height, width, 3), dtype=np.uint8))
    (root / f"labels/val/{i}.txt").write_text("" if i == 2 else "0 .5 .5 .98 .98\n2 .3 .3 .4 .4\n")
(root / "data.yaml").write_text(f"path: {root}\ntrain: images/val\nval: images/val\nnames: {{0: a, 1: b, 2: c}}\n")

dumping = writer("dump_ultralytics").dumping("ultralytics.jsonl")
means, matched = [], []


def corners(box, own, ratio_pad):
    """From x, y, w, h on the network's input to x1, y1, x2, y2 inside the image file."""
    (ratio, _), pad = ratio_pad
    places = [(box[side] + sign * box[side + 2] / 2 - pad[side]) / ratio for sign in (-1, 1) for side in (0, 1)]
    return [min(max(place, 0), limit) for place, limit in zip(places, (own[1], own[0]) * 2)]


def overlap(a, b):
    inner = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner)


class Compare(dumping):
    def postprocess(self, preds):
        """Labels anew, one prediction at a time."""
        now = self.now
        h, w = now["img"].shape[2:]
        for i, logits in enumerate(preds[1]["scores"].double()):
            place = lambda box: corners(box.tolist(), now["ori_shape"][i], now["ratio_pad"][i])
            gts = [(int(k), place(box * torch.tensor([w, h, w, h]))) for k, box, owner in zip(now["cls"], now["bboxes"], now["batch_idx"]) if owner == i]
            for a in range(logits.shape[1]):
                best, label = max(((overlap(place(preds[0][i, :4, a]), box), k) for k, box in gts), default=(0, None))
                target = torch.zeros(logits.shape[0], dtype=torch.float64)
                if best >= 0.5:
                    target[label] = 1
                means.append(torch.nn.functional.binary_cross_entropy_with_logits(logits[:, a], target, reduction="sum"))
                matched.append(best >= 0.5)
        return super().postprocess(preds)


torch.manual_seed(0)
ultralytics.YOLO("yolo26n.yaml").val(
    data=str(root / "data.yaml"), validator=Compare, imgsz=32, batch=2, plots=False, device="cpu", workers=0, project=str(root / "runs"), verbose=False
)
assert any(matched), "no prediction overlaps an object"
answer("ultralytics", torch.stack(means).mean(), torch.tensor(0), images=3, versions={"torch": torch.__version__, "ultralytics": ultralytics.__version__})
lines = pathlib.Path("ultralytics.jsonl").read_text().replace(str(root) + "/", "")
pathlib.Path("ultralytics.jsonl").write_text(lines)
