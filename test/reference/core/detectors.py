"""Writes detectors.json: assignments and losses as public implementations give them.

Usage: python detectors.py > detectors.json   (needs scipy, torch, torchvision and transformers; "made" in it names their versions)
Rectangular assignment: scipy.optimize.linear_sum_assignment. FCOS, SSD, RetinaNet: torchvision's detection heads.
DETR, Conditional DETR, RT-DETR, D-FINE: the matchers and losses of transformers. YOLOv5's and YOLOX's terms: PyTorch, as
their papers and documents say.
"""
import json
from types import SimpleNamespace

import numpy as np
import scipy
import torch
import torch.nn.functional as F
import torchvision
import transformers
from scipy.optimize import linear_sum_assignment
from torchvision.models.detection.fcos import FCOSHead
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_iou, complete_box_iou_loss
from torchvision.models.detection._utils import BoxCoder, BoxLinearCoder, Matcher, SSDMatcher
from transformers.loss.loss_d_fine import DFineLoss
from transformers.loss.loss_deformable_detr import DeformableDetrHungarianMatcher, DeformableDetrImageLoss
from transformers.loss.loss_for_object_detection import HungarianMatcher, ImageLoss
from transformers.loss.loss_rt_detr import RTDetrHungarianMatcher, RTDetrLoss

from measure import boxes, given, rng, scene

torch.set_default_dtype(torch.float64)


def rectangular():
    out = []
    for rows, columns, digits in ((1, 1, 4), (1, 9, 4), (9, 1, 4), (7, 7, 4), (5, 40, 4), (40, 5, 4), (30, 30, 4), (12, 60, 0), (8, 8, 0)):
        costs = np.round(rng.normal(size=(rows, columns)) * 3, digits)
        r, c = linear_sum_assignment(costs)
        out.append(
            {
                "rows": rows,
                "columns": columns,
                "costs": costs.ravel().tolist(),
                "rowIndices": r.tolist(),
                "columnIndices": c.tolist(),
                "total": float(costs[r, c].sum()),
                # Whole numbers have several best answers.
                "isUnique": digits > 0,
            }
        )
    return out


def queries():
    """Q queries over an image of 200 x 120; M objects; K classes."""
    q, m, k, size = 14, 5, 4, np.array([200.0, 120.0, 200.0, 120.0])
    pred_json, pred = given(boxes(q, 120))
    gt_json, gt = given(boxes(m, 120))
    logit_json, logit = given(rng.normal(size=(q, k + 1)) * 2)
    label = rng.integers(0, k, m)

    def cxcywh(b):
        return torch.tensor(np.concatenate([(b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2]], 1) / size)

    targets = [{"class_labels": torch.tensor(label), "boxes": cxcywh(gt)}]
    answers = {}

    def note(name, matcher, loss, columns, weights):
        outputs = {"logits": torch.tensor(logit[None, :, :columns]), "pred_boxes": cxcywh(pred)[None]}
        (rows, objects), = matcher(outputs, targets)
        matched = np.full(q, -1)
        matched[rows.numpy()] = objects.numpy()
        terms = loss(outputs)
        answers[name] = {"gt": matched.tolist(), "loss": {key: float(terms[key]) for key in weights}}

    detr = HungarianMatcher(class_cost=1, bbox_cost=5, giou_cost=2)
    detr_loss = ImageLoss(detr, k, 0.1, ["labels", "boxes"])
    note("detr", detr, lambda o: detr_loss(o, targets), k + 1, ("loss_ce", "loss_bbox", "loss_giou"))
    focal = DeformableDetrHungarianMatcher(class_cost=2, bbox_cost=5, giou_cost=2)
    focal_loss = DeformableDetrImageLoss(focal, k, 0.25, ["labels", "boxes"])
    note("conditional-detr", focal, lambda o: focal_loss(o, targets), k, ("loss_ce", "loss_bbox", "loss_giou"))
    config = SimpleNamespace(
        matcher_class_cost=2, matcher_bbox_cost=5, matcher_giou_cost=2, use_focal_loss=True, matcher_alpha=0.25,
        matcher_gamma=2.0, num_labels=k, weight_loss_vfl=1, weight_loss_bbox=5, weight_loss_giou=2, weight_loss_fgl=0.15,
        weight_loss_ddf=1.5, eos_coefficient=1e-4, focal_loss_alpha=0.75, focal_loss_gamma=2.0, max_num_bins=32, reg_scale=4.0,
        up=0.5, d_model=1, layer_scale=1,
    )
    rt = RTDetrHungarianMatcher(config)
    rt_loss = RTDetrLoss(config)
    rt_loss.losses = ["vfl", "boxes"]
    note("rt-detr", rt, lambda o: rt_loss(o, targets), k, ("loss_vfl", "loss_bbox", "loss_giou"))
    try:
        d_loss = DFineLoss(config)
        d_loss.losses = ["vfl", "boxes"]
        note("d-fine", rt, lambda o: d_loss(o, targets), k, ("loss_vfl", "loss_bbox", "loss_giou"))
    except AttributeError as error:
        raise SystemExit(f"D-FINE's loss wants {error}")
    return {
        "image": {"width": 200, "height": 120}, "numClasses": k, "preds": pred_json, "logits": logit_json,
        "gts": gt_json, "gtClass": label.tolist(), "expected": answers,
    }


def fcos_targets(s):
    """Of torchvision's FCOS only the matching is wanted: its head is replaced by one that notes the matches."""
    from torchvision.models.detection.fcos import FCOS

    noted = {}
    levels = [b - a for a, b in zip(s["starts"], s["starts"][1:])]
    half = torch.tensor(s["stride"]) / 2
    centre = torch.tensor(s["centre"])
    anchors = [torch.cat([centre - half, centre + half], 1)]
    model = SimpleNamespace(
        center_sampling_radius=1.5,
        head=SimpleNamespace(compute_loss=lambda targets, outputs, anchors, matched: noted.update(gt=matched[0].tolist())),
    )
    FCOS.compute_loss(model, [{"boxes": torch.tensor(s["gt"])}], {}, anchors, levels)
    return noted["gt"]


def scenes():
    out = []
    for num_gts, k in ((1, 1), (6, 3), (20, 3)):
        columns, arrays = scene(num_gts, k, (1, 1))
        out.append({**columns, "fcos": fcos_targets(arrays)})
    return out


def anchors():
    """SSD's and RetinaNet's matching and losses over anchors, one image."""
    n, m, k = 60, 4, 3
    anchor_json, anchor = given(boxes(n, 160))
    gt_json, gt = given(boxes(m, 160))
    logit_json, logit = given(rng.normal(size=(n, k)) * 2)
    delta_json, delta = given(rng.normal(size=(n, 4)) * 0.3)
    label = rng.integers(0, k, m)
    targets = [{"boxes": torch.tensor(gt), "labels": torch.tensor(label)}]
    iou = torchvision.ops.box_iou(torch.tensor(gt), torch.tensor(anchor))
    matched = {
        "retinanet": Matcher(0.5, 0.4, allow_low_quality_matches=True)(iou),
        "ssd": SSDMatcher(0.5)(iou),
    }
    head = RetinaNetHead(4, 1, k)
    outputs = {"cls_logits": torch.tensor(logit[None]), "bbox_regression": torch.tensor(delta[None])}
    terms = head.compute_loss(targets, outputs, [torch.tensor(anchor)], [matched["retinanet"]])
    return {
        "numClasses": k, "anchors": anchor_json, "gts": gt_json, "gtClass": label.tolist(), "logits": logit_json,
        "deltas": delta_json, "matched": {key: value.tolist() for key, value in matched.items()},
        "retinanet": {"cls": float(terms["classification"]), "box": float(terms["bbox_regression"])},
    }


def ssd():
    """SSD's whole loss: three negatives a positive, the hardest. Its background comes first; here, as in the core, last."""
    n, m, k = 200, 4, 3
    anchor_json, anchor = given(boxes(n, 160))
    gt_json, gt = given(boxes(m, 160))
    logit_json, logit = given(rng.normal(size=(n, k + 1)) * 2)
    delta_json, delta = given(rng.normal(size=(n, 4)) * 2)
    label = rng.integers(0, k, m)
    iou = box_iou(torch.tensor(gt), torch.tensor(anchor))
    model = SimpleNamespace(box_coder=BoxCoder(weights=(10.0, 10.0, 5.0, 5.0)), neg_to_pos_ratio=3)
    outputs = {
        "cls_logits": torch.tensor(np.roll(logit, 1, axis=1)[None]),
        "bbox_regression": torch.tensor(delta[None]),
    }
    targets = [{"boxes": torch.tensor(gt), "labels": torch.tensor(label) + 1}]
    matched = SSDMatcher(0.5)(iou)
    terms = SSD.compute_loss(model, targets, outputs, [torch.tensor(anchor)], [matched])
    return {
        "numClasses": k, "anchors": anchor_json, "gts": gt_json, "gtClass": label.tolist(), "logits": logit_json,
        "deltas": delta_json, "numFg": int((matched >= 0).sum()),
        "cls": float(terms["classification"]), "box": float(terms["bbox_regression"]),
    }


def points():
    """Heads of points with a column beside the classes, matched as FCOS matches: centre-ness, YOLOv5's, YOLOX's."""
    k = 3
    columns, s = scene(6, k, (1, 1))
    n = len(s["centre"])
    logit_json, logit = given(rng.normal(size=(n, k)) * 2)
    obj_json, obj = given(rng.normal(size=n) * 2)
    gt, pred = torch.tensor(s["gt"]), torch.tensor(s["pred"])
    matched = torch.tensor(fcos_targets(s))
    fg = matched >= 0
    half = torch.tensor(s["stride"]) / 2
    centre = torch.tensor(s["centre"])
    # The distances of which torchvision's coder makes these boxes.
    distances = torch.cat([centre - pred[:, :2], pred[:, 2:] - centre], 1) / torch.tensor(s["stride"]).repeat(1, 2)
    outputs = {
        "cls_logits": torch.tensor(logit)[None],
        "bbox_regression": distances[None],
        "bbox_ctrness": torch.tensor(obj)[None, :, None],
    }
    targets = [{"boxes": gt, "labels": torch.tensor(s["label"])}]
    anchor = torch.cat([centre - half, centre + half], 1)
    fcos = FCOSHead(32, 1, k).compute_loss(targets, outputs, [anchor], [matched])

    ciou = torch.zeros(n)
    ciou[fg] = 1 - complete_box_iou_loss(pred[fg], gt[matched[fg]], eps=1e-300)
    bce = F.binary_cross_entropy_with_logits(torch.tensor(obj), ciou.clamp(min=0), reduction="none")
    levels = zip((4, 1, 0.4), s["starts"], s["starts"][1:])
    iou = box_iou(pred, gt)[fg, matched[fg]]
    one_hot = F.one_hot(torch.tensor(s["label"])[matched[fg]], k) * iou[:, None]
    return {
        **columns, "logits": logit_json, "objectness": obj_json, "numFg": int(fg.sum()),
        "fcos": {key: float(value) for key, value in fcos.items()},
        "yolov5": float(sum(balance * bce[a:b].mean() for balance, a, b in levels)),
        "yolox": {
            "cls": float(F.binary_cross_entropy_with_logits(torch.tensor(logit)[fg], one_hot, reduction="sum")),
            "obj": float(F.binary_cross_entropy_with_logits(torch.tensor(obj), fg.double(), reduction="sum")),
            "box": float((1 - iou**2).sum()),
        },
    }


if __name__ == "__main__":
    made = {lib.__name__: lib.__version__ for lib in (np, scipy, torch, torchvision, transformers)}
    print(json.dumps({"made": made, "rectangular": rectangular(), "queries": queries(), "scenes": scenes(), "anchors": anchors(), "ssd": ssd(), "points": points()}))
