"""RoIAlign and its gradient by PyTorch's own operations and autograd, as roi-align-gradient.json.

Samples are read with index_select and bilinear weights, one by one, and averaged: no tap is merged, as the code under
test does. pip install torch numpy; python roi-align-gradient.py > roi-align-gradient.json
"""
import json

import torch

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)


def samples(start, step, bins, ratio):
    return [[start + (b + (s + 0.5) / ratio) * step for s in range(ratio)] for b in range(bins)]


def read(features, y, x):
    """Bilinear value at (y, x) of [C, H, W]; zero more than one cell outside, clamped to the border before that."""
    _, height, width = features.shape
    if y < -1 or y > height or x < -1 or x > width:
        return features.new_zeros(features.shape[0])
    y, x = min(max(y, 0.0), height - 1), min(max(x, 0.0), width - 1)
    y0, x0 = int(y), int(x)
    y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
    index = torch.tensor([y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1])
    weight = torch.tensor([(1 - y + y0) * (1 - x + x0), (1 - y + y0) * (x - x0), (y - y0) * (1 - x + x0), (y - y0) * (x - x0)], dtype=torch.float64)
    return features.reshape(features.shape[0], -1).index_select(1, index) @ weight


def roi_align(features, box, size, ratio, scale):
    x1, y1, x2, y2 = [v * scale - 0.5 for v in box]
    rows = samples(y1, (y2 - y1) / size, size, ratio)
    columns = samples(x1, (x2 - x1) / size, size, ratio)
    return torch.stack([torch.stack([sum(read(features, y, x) for y in ys for x in xs) / ratio**2 for xs in columns]) for ys in rows])


cases = []
for height, width, channels, size, ratio, stride in [(5, 6, 2, 2, 2, 4), (7, 4, 3, 3, 1, 8), (6, 6, 1, 5, 3, 16)]:
    features = torch.randn(2, height, width, channels)
    leaf = features.clone().requires_grad_()
    boxes = []
    pooled = []
    for n in range(2):
        x1 = torch.rand(4) * width * stride * 1.2 - 0.2 * width * stride
        y1 = torch.rand(4) * height * stride * 1.2 - 0.2 * height * stride
        image = torch.stack([x1, y1, x1 + 2 + torch.rand(4) * width * stride, y1 + 2 + torch.rand(4) * height * stride], 1).float().double()
        boxes.append(image.tolist())
        pooled += [roi_align(leaf[n].permute(2, 0, 1), box, size, ratio, 1 / stride) for box in image.tolist()]
    pooled = torch.stack(pooled)
    upstream = torch.randn_like(pooled)
    (pooled * upstream).sum().backward()
    flat = lambda t: [round(v, 8) for v in t.detach().reshape(-1).tolist()]
    cases.append({"height": height, "width": width, "channels": channels, "pooledSize": size, "samplingRatio": ratio, "stride": stride, "boxes": boxes, "features": flat(features), "upstream": flat(upstream), "pooled": flat(pooled), "gradient": flat(leaf.grad)})
print(json.dumps({"made_by": f"torch {torch.__version__}", "cases": cases}))
