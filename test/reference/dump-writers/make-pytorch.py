"""One training step of a linear head with dump_pytorch.py attached; the step's own losses go to pytorch.json."""
import torch
from trial import answer, writer
from torch.nn import functional as F

torch.manual_seed(0)
dump = writer("dump_pytorch").open_dump("pytorch.jsonl", ["cat", "dog"], background=0)
head = torch.nn.Linear(16, 3 + 4)
optimizer = torch.optim.SGD(head.parameters(), 0.1)
cls, loc = [], []
for image in range(2):
    rois, label = torch.rand(15, 4) * 50, torch.randint(0, 3, (15,))
    rois[:, 2:] += 50
    logits, deltas = head(torch.randn(15, 16)).split([3, 4], 1)
    targets = torch.randn(15, 4)
    dump(f"{image}.jpg", rois, label, logits, deltas, targets, width=120, height=100)
    cls.append(F.cross_entropy(logits, label, reduction="none"))
    loc.append(F.smooth_l1_loss(deltas, targets, reduction="none").sum(1) * (label > 0))
cls, loc = torch.cat(cls).mean(), torch.cat(loc).mean()
(cls + loc).backward()
optimizer.step()
answer("pytorch", cls, loc, images=2, versions={"torch": torch.__version__})
