"""One training step of a small random Faster R-CNN of MMDetection whose sampler takes every proposal, with and without
dump_mmdetection.py: the usual losses, GIoU on decoded class-agnostic boxes, sigmoid.

mmcv's compiled operators are not needed to import it (mmcv-lite): torchvision's NMS and RoIAlign stand in for them.
"""
import importlib.machinery
import pathlib
import sys
import types

import torch
import torchvision
from trial import answer, writer


class Operators(types.ModuleType):
    """Every name exists, none but nms may be called."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: sys.exit(f"needs the compiled operator {name}")

    @staticmethod
    def nms(boxes, scores, iou_threshold, offset):
        return torchvision.ops.nms(boxes, scores, iou_threshold)


operators = Operators("mmcv._ext")
operators.__spec__ = importlib.machinery.ModuleSpec("mmcv._ext", None)
sys.modules["mmcv._ext"] = operators
import mmcv  # noqa: E402

versions = {"torch": torch.__version__, "mmcv-lite": mmcv.__version__}
mmcv.__version__ = "2.1.0"  # the newest that mmdet 3.3.0 accepts
import mmdet  # noqa: E402
from mmdet.registry import MODELS  # noqa: E402
from mmdet.structures import DetDataSample  # noqa: E402
from mmdet.utils import register_all_modules  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.structures import InstanceData  # noqa: E402

versions["mmdet"] = mmdet.__version__
BASE = pathlib.Path(mmdet.__file__).parent / ".mim/configs/_base_/models/faster-rcnn_r50_fpn.py"
VARIANTS = {
    "mmdetection": {},
    "mmdetection-giou": {
        "reg_decoded_bbox": True,
        "reg_class_agnostic": True,
        "loss_bbox": {"_delete_": True, "type": "GIoULoss", "loss_weight": 10.0},
    },
    "mmdetection-sigmoid": {"loss_cls": {"_delete_": True, "type": "CrossEntropyLoss", "use_sigmoid": True, "loss_weight": 1.0}},
}


def build(overrides):
    config = Config.fromfile(BASE)
    config.merge_from_dict({f"model.roi_head.bbox_head.{key}": value for key, value in overrides.items()})
    model = config.model
    model.backbone.update(depth=18, init_cfg=None)
    model.neck.update(in_channels=[64, 128, 256, 512], out_channels=32)
    model.rpn_head.update(in_channels=32, feat_channels=32)
    model.roi_head.bbox_roi_extractor.out_channels = 32
    model.roi_head.bbox_roi_extractor.roi_layer.use_torchvision = True
    model.roi_head.bbox_head.update(in_channels=32, fc_out_channels=64, num_classes=3)
    model.train_cfg.rcnn.sampler = {"type": "RandomSampler", "num": 2 * 10**6, "pos_fraction": 0.5, "neg_pos_ub": -1, "add_gt_as_proposals": False}
    model.train_cfg.rpn_proposal.max_per_img = 15
    torch.manual_seed(0)
    built = MODELS.build(model).train()
    predict = built.rpn_head.loss_and_predict

    def near_objects(x, samples, **kwargs):
        """Some of the proposals of the untrained RPN are moved near an object."""
        losses, proposals = predict(x, samples, **kwargs)
        random = torch.Generator().manual_seed(3)
        for proposal, boxes in zip(proposals, BOXES):
            for j in range(6 if boxes else 0):
                proposal.bboxes[j] = torch.tensor(boxes[j % len(boxes)]) + torch.randn(4, generator=random) * 8
        return losses, proposals

    built.rpn_head.loss_and_predict = near_objects
    return built


BOXES = [[[20.0, 30, 120, 140], [100, 20, 240, 160]], [], [[5.0, 5, 90, 90]]]
LABELS = [[0, 2], [], [1]]


def step(model):
    samples = []
    for i, (boxes, labels) in enumerate(zip(BOXES, LABELS)):
        meta = {"img_path": f"{i}.jpg", "img_shape": (192, 256), "pad_shape": (192, 256), "batch_input_shape": (192, 256), "ori_shape": (96, 128), "scale_factor": (2.0, 2.0)}
        sample = DetDataSample(metainfo=meta)
        sample.gt_instances = InstanceData(bboxes=torch.tensor(boxes).reshape(-1, 4), labels=torch.tensor(labels, dtype=torch.int64))
        sample.ignored_instances = InstanceData(bboxes=torch.zeros(0, 4), labels=torch.zeros(0, dtype=torch.int64))
        samples.append(sample)
    torch.manual_seed(1)
    losses = model.loss(torch.rand(3, 3, 192, 256), samples)
    parts = [value for key, value in losses.items() if "loss" in key]
    sum(part if torch.is_tensor(part) else sum(part) for part in parts).backward()
    return losses, [p.grad for p in model.roi_head.parameters()], torch.rand(1)


register_all_modules()
for name, overrides in VARIANTS.items():
    plain, plain_grads, plain_random = step(build(overrides))
    model = build(overrides)
    writer("dump_mmdetection").dump_rois(model, f"{name}.jsonl", ["a", "b", "c"])
    losses, grads, random = step(model)
    assert torch.equal(losses["loss_cls"], plain["loss_cls"]) and torch.equal(losses["loss_bbox"], plain["loss_bbox"]), "the training differs"
    assert all(torch.equal(a, b) for a, b in zip(grads, plain_grads)) and random == plain_random, "the training differs"
    assert all(module.training for module in model.roi_head.modules())
    answer(name, losses["loss_cls"], losses["loss_bbox"], images=3, versions=versions)
