"""One training step of a small random Faster R-CNN whose sampler takes every proposal, with and without dump_torchvision.py."""
import torch
import torchvision
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.rpn import AnchorGenerator
from trial import answer, writer


def build():
    torch.manual_seed(0)
    backbone = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 4, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 3, 4, 1))
    backbone.out_channels = 8
    anchors = AnchorGenerator(((16, 32, 64),), ((0.5, 1.0, 2.0),))
    pool = torchvision.ops.MultiScaleRoIAlign(["0"], 7, 2)
    model = FasterRCNN(
        backbone, num_classes=4, min_size=128, max_size=200, rpn_anchor_generator=anchors, box_roi_pool=pool,
        rpn_post_nms_top_n_train=15, box_batch_size_per_image=10**6, box_positive_fraction=0.5,
        box_fg_iou_thresh=0.4, box_bg_iou_thresh=0.2,  # some in between are ignored
    )
    model.roi_heads.box_head.fc6.eval()  # a module that someone froze stays frozen
    return model.train(), model.roi_heads.box_head.fc6.eval()


def step(model):
    """Images that are resized, one without an object."""
    torch.manual_seed(1)
    images = [torch.rand(3, 90, 140), torch.rand(3, 160, 120), torch.rand(3, 80, 80)]
    boxes = [[[10.0, 20, 60, 70], [50, 10, 130, 80]], [[20.0, 30, 100, 120]], []]
    labels = [[1, 3], [2], []]
    targets = [
        {"boxes": torch.tensor(b).reshape(-1, 4), "labels": torch.tensor(y, dtype=torch.int64), "image_id": torch.tensor(i)}
        for i, (b, y) in enumerate(zip(boxes, labels))
    ]
    losses = model(images, targets)
    sum(losses.values()).backward()
    return losses, [p.grad for p in model.parameters()], torch.rand(1)


plain, plain_grads, plain_random = step(build()[0])
model, frozen = build()
writer("dump_torchvision").dump_rois(model, "torchvision.jsonl", ["cat", "dog", "eel"])
losses, grads, random = step(model)
assert all(torch.equal(losses[key], plain[key]) for key in plain), "the training differs"
assert all(torch.equal(a, b) for a, b in zip(grads, plain_grads)) and random == plain_random, "the training differs"
assert model.roi_heads.training and not frozen.training
model.eval()([torch.rand(3, 90, 140)])  # writes nothing
answer("torchvision", losses["loss_classifier"], losses["loss_box_reg"], images=3, versions={"torch": torch.__version__, "torchvision": torchvision.__version__})
