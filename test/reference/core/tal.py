"""Writes tal.json: task-aligned assignment in PyTorch (float64), written from TOOD (arXiv 2108.07755, section 3.3) alone.

Usage: python tal.py > tal.json   (needs torch, torchvision and numpy; "made" in it names their versions)
A whole image at once, as a training does it: masks of objects x anchors, torch.topk, no loop over objects.
Candidates are the anchors whose centre lies in the object; one taken twice goes to the object of the larger IoU.
"""
import json

import numpy as np
import torch
import torchvision
from torchvision.ops import box_iou

from measure import given, rng


def image(size, num_gts, num_classes):
    """Anchor points of strides 8, 16, 32; regressed boxes near some object, as a trained head gives them."""
    ys_xs = [torch.cartesian_prod(*2 * [torch.arange(0, size, s) + s / 2]) for s in (8, 16, 32)]
    starts = np.cumsum([0] + [len(level) for level in ys_xs]).tolist()
    centre = torch.cat(ys_xs).flip(1).numpy()
    stride = np.repeat([8.0, 16.0, 32.0], np.diff(starts))
    sides = rng.uniform(10, 0.6 * size, (num_gts, 2))
    corner = rng.uniform(0, size - sides)
    gt_json, gt = given(np.concatenate([corner, corner + sides], 1))
    middle = (gt[:, :2] + gt[:, 2:]) / 2
    nearest = np.abs(centre[:, None] - middle).sum(2).argmin(1)
    noise = rng.normal(size=(len(centre), 4)) * stride[:, None] / 3
    pred = gt[nearest] + noise
    pred[:, 2:] = np.maximum(pred[:, 2:], pred[:, :2] + 1)
    pred_json, pred = given(pred)
    cls_json, cls = given(rng.beta(0.4, 2, (len(centre), num_classes)))
    label = rng.integers(0, num_classes, num_gts)
    json_of = dict(
        numClasses=num_classes, levelStart=starts, centres=centre.tolist(), strides=np.stack([stride, stride], 1).tolist(),
        preds=pred_json, cls=cls_json, gts=gt_json, gtClass=label.tolist(),
    )
    tensors = [torch.tensor(a) for a in (centre, pred, cls, gt, label)]
    return json_of, tensors


def assign(centre, pred, cls, gt, label, alpha, beta, k):
    """@returns object of each anchor (-1: none), soft target of its class."""
    inside = torch.minimum(centre - gt[:, None, :2], gt[:, None, 2:] - centre).amin(2) > 0
    u = box_iou(gt, pred)
    t = cls[:, label].T ** alpha * u**beta * inside
    top = torch.zeros_like(inside).scatter_(1, t.topk(min(k, t.shape[1]), dim=1).indices, True) & (t > 0)
    owner = torch.where(top, u, -1).argmax(0)
    positive = top & (torch.arange(len(gt))[:, None] == owner)
    t = t * positive
    target = t / t.amax(1, keepdim=True).clamp(min=1e-300) * (u * positive).amax(1, keepdim=True)
    return torch.where(positive.any(0), owner, -1), target.sum(0)


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    out = []
    for size, num_gts, num_classes in ((128, 1, 1), (160, 8, 4), (160, 30, 3)):
        columns, tensors = image(size, num_gts, num_classes)
        answers = []
        for alpha, beta, k in ((1, 6, 13), (0.5, 6, 10), (1, 1, 1), (0, 6, 10)):
            gt, target = assign(*tensors, alpha, beta, k)
            answers.append({"alpha": alpha, "beta": beta, "k": k, "gt": gt.tolist(), "target": target.tolist()})
        out.append({**columns, "tal": answers})
    made = {lib.__name__: lib.__version__ for lib in (np, torch, torchvision)}
    print(json.dumps({"made": made, "images": out}))
