/** The method as published, in the lines of other people's trainings. */

/** @param num RoIs of an image. @param iou above which mining NMS suppresses. */
export const TORCHVISION = (
  num: number,
  iou: number,
): string => `"""OHEM for torchvision's Faster R-CNN: mine_hard_rois(model) before it trains."""
import torch
import torch.nn.functional as F
from torchvision.models.detection import roi_heads
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler
from torchvision.ops import nms

NUM, IOU = ${num}, ${iou}


def mine_hard_rois(model):
    heads, shown = model.roi_heads, {}
    # Every proposal gets a loss; the hardest of them are chosen below.
    heads.fg_bg_sampler = BalancedPositiveNegativeSampler(1_000_000, 1.0)
    select = heads.select_training_samples

    def select_all(proposals, targets):
        found = select(proposals, targets)
        shown["proposals"] = found[0]
        return found

    def hard_loss(logits, deltas, labels, targets):
        labels, targets = torch.cat(labels), torch.cat(targets)
        cls = F.cross_entropy(logits, labels, reduction="none")
        rows = torch.arange(len(labels), device=labels.device)
        own = deltas.reshape(len(labels), -1, 4)[rows, labels]
        box = F.smooth_l1_loss(own, targets, beta=1 / 9, reduction="none").sum(1) * (labels > 0)
        losses = (cls + box).detach()
        keep, start = [], 0
        for boxes in shown["proposals"]:
            end = start + len(boxes)
            keep.append(start + nms(boxes, losses[start:end], IOU)[:NUM])
            start = end
        keep = torch.cat(keep)
        return cls[keep].mean(), box[keep].sum() / len(keep)

    heads.select_training_samples = select_all
    roi_heads.fastrcnn_loss = hard_loss
`;

/** As of torchvision. */
export const DETECTRON2 = (
  num: number,
  iou: number,
): string => `"""OHEM for detectron2: model.roi_heads.box_predictor = HardRoIs(cfg, input_shape).
Every proposal must be sampled:
cfg.MODEL.ROI_HEADS.BATCH_SIZE_PER_IMAGE = 1_000_000 and POSITIVE_FRACTION = 1.0."""
import torch
import torch.nn.functional as F
from detectron2.modeling.roi_heads.fast_rcnn import FastRCNNOutputLayers
from torchvision.ops import nms

NUM, IOU = ${num}, ${iou}


class HardRoIs(FastRCNNOutputLayers):
    def losses(self, predictions, proposals):
        scores, deltas = predictions
        with torch.no_grad():
            classes = torch.cat([p.gt_classes for p in proposals])
            # The class loss ranks; add the box loss of foreground to rank by both.
            hardness = F.cross_entropy(scores, classes, reduction="none").split([len(p) for p in proposals])
            keep = [nms(p.proposal_boxes.tensor, loss, IOU)[:NUM] for p, loss in zip(proposals, hardness)]
        starts = torch.tensor([0] + [len(p) for p in proposals]).cumsum(0).tolist()
        rows = torch.cat([start + kept for start, kept in zip(starts, keep)])
        return super().losses((scores[rows], deltas[rows]), [p[kept] for p, kept in zip(proposals, keep)])
`;
