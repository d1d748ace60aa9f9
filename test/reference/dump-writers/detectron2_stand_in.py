"""detectron2 is in no package registry. This stands in for the names that dump_detectron2.py uses, written anew from their
documented meaning (Instances, Boxes, EventStorage, ROIHeads.label_and_sample_proposals, FastRCNNOutputLayers.losses)."""
import sys
import types

import torch
import torchvision
from torch import nn

storages = []


class EventStorage:
    def __init__(self):
        self.scalars = []

    def __enter__(self):
        storages.append(self)
        return self

    def __exit__(self, *error):
        storages.pop()


events = types.ModuleType("detectron2.utils.events")
events.EventStorage = EventStorage
sys.modules["detectron2.utils.events"] = events
for parent in ("detectron2", "detectron2.utils"):
    sys.modules[parent] = types.ModuleType(parent)


class Boxes:
    def __init__(self, tensor):
        self.tensor = tensor

    def __len__(self):
        return len(self.tensor)

    def __getitem__(self, rows):
        return Boxes(self.tensor[rows])


class Instances:
    """Columns of equal length, and the (height, width) of the image as the network sees it."""

    def __init__(self, image_size, **columns):
        self.image_size, self.columns = image_size, columns
        self.__dict__.update(columns)

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def __getitem__(self, rows):
        return Instances(self.image_size, **{key: column[rows] for key, column in self.columns.items()})


class Predictor(nn.Module):
    """K + 1 scores with background last, 4 deltas a class; L1, weighted."""

    def __init__(self, num_classes):
        super().__init__()
        self.scores, self.deltas = nn.Linear(32, num_classes + 1), nn.Linear(32, num_classes * 4)
        self.coder = torchvision.models.detection._utils.BoxCoder((10.0, 10.0, 5.0, 5.0))

    def forward(self, x):
        return self.scores(x), self.deltas(x)

    def losses(self, predictions, proposals):
        scores, deltas = predictions
        label = torch.cat([p.gt_classes for p in proposals])
        storages[-1].scalars.append(len(label))
        fg = (label < scores.shape[1] - 1).nonzero()[:, 0]
        target = self.coder.encode_single(torch.cat([p.gt_boxes.tensor for p in proposals]), torch.cat([p.proposal_boxes.tensor for p in proposals]))
        box = (deltas.view(len(label), -1, 4)[fg, label[fg]] - target[fg]).abs().sum() / max(len(label), 1)
        return {"loss_cls": nn.functional.cross_entropy(scores, label), "loss_box_reg": 2 * box}


class Heads(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes, self.batch_size_per_image, self.box_in_features = num_classes, 10**6, ["p2"]
        self.box_head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 49, 32), nn.ReLU())
        self.box_predictor = Predictor(num_classes)

    def box_pooler(self, features, boxes):
        return torchvision.ops.roi_align(features[0], [b.tensor for b in boxes], 7, 0.25)

    def label_and_sample_proposals(self, proposals, targets):
        """Ground truths join the proposals; at most batch_size_per_image rows, in random order."""
        sampled = []
        for proposal, target in zip(proposals, targets):
            boxes = torch.cat([proposal.proposal_boxes.tensor, target.gt_boxes.tensor])
            label, gts = torch.full((len(boxes),), self.num_classes), torch.zeros(len(boxes), 4)
            if len(target) > 0:
                iou, matched = torchvision.ops.box_iou(boxes, target.gt_boxes.tensor).max(1)
                label, gts = target.gt_classes[matched].where(iou >= 0.5, self.num_classes), target.gt_boxes.tensor[matched]
            rows = torch.randperm(len(boxes))[: self.batch_size_per_image]
            sampled.append(Instances(proposal.image_size, proposal_boxes=Boxes(boxes[rows]), gt_classes=label[rows], gt_boxes=Boxes(gts[rows])))
        storages[-1].scalars.append(len(sampled))
        return sampled

    def forward(self, images, features, proposals, targets=None):
        if not self.training:
            return [], {}
        rois = self.label_and_sample_proposals(proposals, targets)
        pooled = self.box_pooler([features[f] for f in self.box_in_features], [r.proposal_boxes for r in rois])
        return [], self.box_predictor.losses(self.box_predictor(self.box_head(pooled)), rois)


class Model(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.backbone, self.roi_heads = nn.Conv2d(3, 4, 4, 4), Heads(num_classes)

    def forward(self, inputs):
        features = {"p2": self.backbone(torch.stack([x["image"] for x in inputs]))}
        return self.roi_heads(None, features, [x["proposals"] for x in inputs], [x["instances"] for x in inputs])[1]
