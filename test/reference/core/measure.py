"""Writes measure.json: losses from PyTorch (float64), SimOTA and ATSS from slow dense numpy written from the papers.

Usage: python measure.py > measure.json   (needs torch and numpy)
"""
import json

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20160412)


def given(values, digits=4):
    """Numbers as the JSON will hold them, then as float32 columns will hold them, in float64 for arithmetic."""
    rounded = np.round(np.asarray(values, dtype=np.float64), digits)
    return rounded.tolist(), rounded.astype(np.float32).astype(np.float64)


def boxes(n, size, least=4.0, most=0.6):
    w = rng.uniform(least, most * size, n)
    h = rng.uniform(least, most * size, n)
    x = rng.uniform(0, size - w)
    y = rng.uniform(0, size - h)
    return np.stack([x, y, x + w, y + h], 1)


def iou_matrix(a, b):
    out = np.zeros((len(a), len(b)))
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            w = min(p[2], q[2]) - max(p[0], q[0])
            h = min(p[3], q[3]) - max(p[1], q[1])
            if w > 0 and h > 0:
                inter = w * h
                out[i, j] = inter / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - inter)
    return out


def class_losses():
    k, n = 7, 24
    scale = np.array([0.1, 1, 5, 30, 300, 1e4] * 4)[:, None]
    soft_json, soft = given(rng.normal(size=(n, k + 1)) * scale)
    labels = rng.integers(0, k + 1, n)
    t, y = torch.tensor(soft), torch.tensor(labels)
    sig_json, sig = given(rng.normal(size=(n, k)) * scale)
    s = torch.tensor(sig)
    one_hot = F.one_hot(y, k + 1)[:, :k].double()
    bce = F.binary_cross_entropy_with_logits(s, one_hot, reduction="none")
    p = torch.sigmoid(s)
    p_t = p * one_hot + (1 - p) * (1 - one_hot)
    alpha = 0.25 * one_hot + 0.75 * (1 - one_hot)
    prob_json, prob = given(rng.uniform(size=(n, k)) ** 4, 6)
    q = torch.tensor(prob)
    floor = 1e-12
    bce_p = -(one_hot * q.clamp(min=floor).log() + (1 - one_hot) * (1 - q).clamp(min=floor).log())
    q_t = q * one_hot + (1 - q) * (1 - one_hot)
    return {
        "numClasses": k,
        "label": labels.tolist(),
        "softmaxLogits": soft_json,
        "sigmoidLogits": sig_json,
        "probabilities": prob_json,
        "crossEntropy": F.cross_entropy(t, y, reduction="none").tolist(),
        "bce": bce.sum(1).tolist(),
        "focal": (alpha * (1 - p_t) ** 2 * bce).sum(1).tolist(),
        "bceFromProbabilities": bce_p.sum(1).tolist(),
        "focalFromProbabilities": (alpha * (1 - q_t) ** 2 * bce_p).sum(1).tolist(),
    }


def box_losses():
    n = 16
    region_json, region = given(boxes(n, 200))
    target_json, target = given(boxes(n, 200))
    target[3] = region[3]
    target_json[3] = region_json[3]
    pred_json, pred = given(rng.normal(size=(n, 4)) * 2)

    def centre(b):
        return torch.stack([(b[:, 0] + b[:, 2]) / 2, (b[:, 1] + b[:, 3]) / 2, b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]], 1)

    r, g = centre(torch.tensor(region)), centre(torch.tensor(target))
    deltas = torch.stack(
        [
            10 * (g[:, 0] - r[:, 0]) / r[:, 2],
            10 * (g[:, 1] - r[:, 1]) / r[:, 3],
            5 * torch.log(g[:, 2] / r[:, 2]),
            5 * torch.log(g[:, 3] / r[:, 3]),
        ],
        1,
    )
    p = torch.tensor(pred)
    smooth = {
        str(sigma): F.smooth_l1_loss(p, deltas, reduction="none", beta=1 / sigma**2).sum(1).tolist() for sigma in (1, 3, 0.5)
    }
    giou = []
    for a, b in zip(region, target):
        inter = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
        union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
        hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
        giou.append(1 - (inter / union - (hull - union) / hull))
    return {
        "regions": region_json,
        "targets": target_json,
        "predicted": pred_json,
        "encoded": deltas.tolist(),
        "smoothL1": smooth,
        "giou": giou,
    }


def scene(num_gts, k, stretch):
    """A small pyramid over an image of 160 x 160 network px; `stretch` undoes an uneven resize (x, y)."""
    centres, strides, starts = [], [], [0]
    for stride in (16, 32, 64):
        for gy in range(160 // stride):
            for gx in range(160 // stride):
                centres.append(((gx + 0.5) * stride * stretch[0], (gy + 0.5) * stride * stretch[1]))
                strides.append((stride * stretch[0], stride * stretch[1]))
        starts.append(len(centres))
    centre_json, centre = given(centres)
    stride_json, stride = given(strides)
    n = len(centres)
    gt = boxes(num_gts, 160, 12, 0.7) * np.array([*stretch, *stretch])
    gt_json, gt = given(gt)
    region_json, region = given(np.concatenate([centre - 2.5 * stride, centre + 2.5 * stride], 1))
    pred = np.concatenate([centre - stride, centre + stride], 1)
    for i in range(n):
        if rng.uniform() < 0.6:
            near = np.argmin(np.abs((gt[:, :2] + gt[:, 2:]) / 2 - centre[i]).sum(1))
            pred[i] = gt[near] + rng.normal(size=4) * 6
    pred[:, 2:] = np.maximum(pred[:, 2:], pred[:, :2] + 1)
    pred_json, pred = given(pred)
    cls_json, cls = given(rng.uniform(size=(n, k)) ** 3)
    obj_json, obj = given(rng.uniform(size=n) ** 2)
    label = rng.integers(0, k, num_gts)
    return {
        "numClasses": k,
        "levelStart": starts,
        "centres": centre_json,
        "strides": stride_json,
        "regions": region_json,
        "preds": pred_json,
        "cls": cls_json,
        "obj": obj_json,
        "gts": gt_json,
        "gtClass": label.tolist(),
    }, dict(centre=centre, stride=stride, starts=starts, region=region, pred=pred, cls=cls, obj=obj, gt=gt, label=label)


def simota(s):
    x, y = s["centre"][:, 0], s["centre"][:, 1]
    gt = s["gt"]
    in_box = (x > gt[:, 0:1]) & (x < gt[:, 2:3]) & (y > gt[:, 1:2]) & (y < gt[:, 3:4])
    mid = (gt[:, :2] + gt[:, 2:]) / 2
    radius = 2.5 * s["stride"]
    near = (abs(x - mid[:, 0:1]) < radius[:, 0]) & (abs(y - mid[:, 1:2]) < radius[:, 1])
    candidates = np.flatnonzero((in_box | near).any(0))
    iou = iou_matrix(gt, s["pred"])[:, candidates]
    root = torch.tensor(np.sqrt(s["cls"] * s["obj"][:, None])[candidates])
    cost = np.zeros_like(iou)
    for g, label in enumerate(s["label"]):
        target = torch.zeros_like(root)
        target[:, label] = 1
        cost[g] = F.binary_cross_entropy(root, target, reduction="none").sum(1).numpy()
    cost = cost - 3 * np.log(iou + 1e-8) + 1e5 * ~(in_box & near)[:, candidates]
    matching = np.zeros(iou.shape, bool)
    for g in range(len(gt)):
        k = max(int(np.sort(iou[g])[::-1][:10].sum()), 1)
        matching[g, np.argsort(cost[g], kind="stable")[:k]] = True
    for column in np.flatnonzero(matching.sum(0) > 1):
        winner = cost[:, column].argmin()
        matching[:, column] = False
        matching[winner, column] = True
    matched = np.full(len(x), -1)
    for g, column in np.argwhere(matching):
        matched[candidates[column]] = g
    return matched.tolist()


def atss(s):
    gt, centre = s["gt"], s["centre"]
    iou = iou_matrix(s["region"], gt)
    claims = np.full(iou.shape, -1.0)
    for g in range(len(gt)):
        mid = (gt[g, :2] + gt[g, 2:]) / 2
        distance = np.linalg.norm((centre - mid) / s["stride"], axis=1)
        candidates = []
        for a, b in zip(s["starts"], s["starts"][1:]):
            candidates += (a + np.argsort(distance[a:b], kind="stable")[:9]).tolist()
        values = iou[candidates, g]
        threshold = values.mean() + values.std(ddof=1)
        for row in candidates:
            inside = (gt[g, :2] < centre[row]).all() and (centre[row] < gt[g, 2:]).all()
            if iou[row, g] >= threshold and inside:
                claims[row, g] = iou[row, g]
    return np.where(claims.max(1) < 0, -1, claims.argmax(1)).tolist()


def assignments():
    out = []
    for num_gts, k, stretch in ((1, 1, (1, 1)), (6, 3, (1, 1)), (6, 4, (2.5, 1.25)), (14, 3, (1, 1))):
        columns, arrays = scene(num_gts, k, stretch)
        out.append({**columns, "simota": simota(arrays), "atss": atss(arrays)})
    return out


if __name__ == "__main__":
    print(json.dumps({"cls": class_losses(), "box": box_losses(), "scenes": assignments()}))
