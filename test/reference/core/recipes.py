"""Writes recipes.json: soft-target class losses and box losses from PyTorch (float64), TAL from slow dense numpy.

Usage: python recipes.py > recipes.json   (needs torch, torchvision and numpy)
All formulas are written from the papers that src/core names.
"""
import json

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.ops import distance_box_iou_loss, generalized_box_iou_loss

from measure import boxes, given, iou_matrix, rng, scene


def class_losses():
    k, n = 6, 30
    scale = np.array([0.1, 1, 4, 12, 40] * 6)[:, None]
    logit_json, logit = given(rng.normal(size=(n, k)) * scale)
    prob_json, prob = given(rng.uniform(size=(n, k)) ** 3, 6)
    label = rng.integers(0, k + 1, n)
    target_json, target = given(rng.uniform(size=n))
    one_hot = F.one_hot(torch.tensor(label), k + 1)[:, :k].double()
    # As JavaScript reads them: targets stay float64, scores are float32 columns.
    y = one_hot * torch.tensor(target_json, dtype=torch.float64)[:, None]

    def losses(bce, p):
        def summed(target, weight):
            return (weight * bce(target)).sum(1).tolist()

        t = one_hot * (p**0.25 * torch.tensor(target_json, dtype=torch.float64)[:, None] ** 0.75).clamp(min=0.01)
        return {
            "bce": summed(y, torch.ones_like(y)),
            "qfl": summed(y, (y - p) ** 2),
            "vfl": summed(y, one_hot * y + (1 - one_hot) * 0.75 * p**2),
            "mal": summed(y**1.5, one_hot + (1 - one_hot) * p**1.5),
            "ia-bce": summed(t, one_hot + (1 - one_hot) * p**2),
        }

    z, q = torch.tensor(logit), torch.tensor(prob)
    return {
        "numClasses": k,
        "label": label.tolist(),
        "target": target_json,
        "given": {"logits": logit_json, "probabilities": prob_json},
        "expected": {
            "logits": losses(lambda t: F.binary_cross_entropy_with_logits(z, t, reduction="none"), torch.sigmoid(z)),
            "probabilities": losses(lambda t: -(t * q.clamp(min=1e-12).log() + (1 - t) * (1 - q).clamp(min=1e-12).log()), q),
        },
    }


def box_losses():
    n, size = 20, (200, 120)
    pred_json, pred = given(boxes(n, 120))
    gt_json, gt = given(boxes(n, 120))
    pred[0], pred_json[0] = gt[0], gt_json[0]
    a, b = torch.tensor(pred), torch.tensor(gt)
    side = torch.tensor([*size, *size], dtype=torch.float64)

    def cxcywh(x):
        return torch.cat([(x[:, :2] + x[:, 2:]) / 2, x[:, 2:] - x[:, :2]], 1) / side

    giou = generalized_box_iou_loss(a, b, eps=0)
    iou = torch.tensor([iou_matrix(pred[i : i + 1], gt[i : i + 1])[0, 0] for i in range(n)])
    # torchvision's complete_box_iou_loss hands its epsilon to one half of the formula only.
    aspect = [torch.atan((x[:, 2] - x[:, 0]) / (x[:, 3] - x[:, 1])) for x in (a, b)]
    v = 4 / torch.pi**2 * (aspect[1] - aspect[0]) ** 2
    return {
        "image": {"width": size[0], "height": size[1]},
        "preds": pred_json,
        "gts": gt_json,
        "expected": {
            "ciou": (distance_box_iou_loss(a, b, eps=0) + v * v / (1 - iou + v + 1e-300)).tolist(),
            "iou-squared": (1 - iou**2).tolist(),
            "l1-giou": (5 * (cxcywh(a) - cxcywh(b)).abs().sum(1) + 2 * giou).tolist(),
        },
    }


def tal(s, alpha, beta, k):
    x, y = s["centre"][:, 0], s["centre"][:, 1]
    gt = s["gt"]
    inside = (x > gt[:, 0:1]) & (x < gt[:, 2:3]) & (y > gt[:, 1:2]) & (y < gt[:, 3:4])
    iou = iou_matrix(gt, s["pred"])
    t = (s["cls"] * s["obj"][:, None])[:, s["label"]].T ** alpha * iou**beta * inside
    positive = np.zeros(t.shape, bool)
    for g in range(len(gt)):
        positive[g, np.argsort(-t[g], kind="stable")[:k]] = True
    positive &= t > 0
    for column in np.flatnonzero(positive.sum(0) > 1):
        winner = np.where(positive[:, column], iou[:, column], -1).argmax()
        positive[:, column] = False
        positive[winner, column] = True
    target = np.zeros(len(x))
    matched = np.full(len(x), -1)
    for g in range(len(gt)):
        rows = np.flatnonzero(positive[g])
        if len(rows) == 0:
            continue
        matched[rows] = g
        target[rows] = t[g, rows] / t[g, rows].max() * iou[g, rows].max()
    return {"alpha": alpha, "beta": beta, "k": k, "gt": matched.tolist(), "target": target.tolist()}


def assignments():
    out = []
    for num_gts, k, stretch in ((1, 1, (1, 1)), (6, 3, (1, 1)), (6, 4, (2.5, 1.25)), (20, 3, (1, 1))):
        columns, arrays = scene(num_gts, k, stretch)
        out.append({**columns, "tal": [tal(arrays, 0.5, 6, 10), tal(arrays, 1, 6, 13), tal(arrays, 1, 2, 3)]})
    return out


if __name__ == "__main__":
    print(json.dumps({"cls": class_losses(), "box": box_losses(), "scenes": assignments()}))
