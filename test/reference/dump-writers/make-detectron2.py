"""One training step of the stand-in for detectron2, with and without dump_detectron2.py. Not the framework itself."""
import torch
from detectron2_stand_in import Boxes, EventStorage, Instances, Model
from trial import answer, writer


def make_inputs():
    torch.manual_seed(0)
    inputs = []
    for i, (boxes, labels) in enumerate([([[10.0, 10, 60, 60], [40, 20, 120, 90]], [0, 2]), ([], [])]):
        gts = torch.tensor(boxes).reshape(-1, 4)
        proposals = torch.rand(14, 4) * 40
        proposals[:, 2:] += 50
        for j in range(5 if boxes else 0):
            proposals[j] = gts[0] + torch.randn(4) * 3
        instances = Instances((96, 128), gt_boxes=Boxes(gts), gt_classes=torch.tensor(labels, dtype=torch.int64))
        inputs.append({"image": torch.rand(3, 96, 128), "file_name": f"{i}.jpg", "width": 256, "height": 192, "instances": instances, "proposals": Instances((96, 128), proposal_boxes=Boxes(proposals))})
    return inputs


def build():
    torch.manual_seed(0)
    return Model(3).train()


def step(model):
    inputs = make_inputs()
    torch.manual_seed(1)
    with EventStorage() as storage:
        losses = model(inputs)
    sum(losses.values()).backward()
    return losses, [p.grad for p in model.parameters()], torch.rand(1), storage.scalars


plain, plain_grads, plain_random, plain_scalars = step(build())
model = build()
writer("dump_detectron2").dump_rois(model, "detectron2.jsonl", ["a", "b", "c"])
losses, grads, random, scalars = step(model)
assert all(torch.equal(losses[key], plain[key]) for key in plain) and random == plain_random and scalars == plain_scalars, "the training differs"
assert all(torch.equal(a, b) for a, b in zip(grads, plain_grads)), "the training differs"
assert model.roi_heads.training and model.roi_heads.batch_size_per_image == 10**6
answer("detectron2", losses["loss_cls"], losses["loss_box_reg"], images=2, versions={"torch": torch.__version__})
