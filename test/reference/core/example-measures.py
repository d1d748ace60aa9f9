"""Writes example-measures.json: entropy, EL2N, p_true, margin, focal and GHM-C weights from PyTorch, float64.

Usage: python example-measures.py > example-measures.json   (needs torch)
"""
import json

import torch

torch.manual_seed(20210715)
K, R = 7, 40
SCALES = torch.tensor([0.1, 1.0, 4.0, 30.0] * 10, dtype=torch.float64)[:, None]


def float32(t):
    """Numbers as the table's source has them."""
    return t.float().double()


def error_norm(p, labels):
    y = torch.zeros_like(p)
    for row, label in enumerate(labels.tolist()):
        if label < p.shape[1]:
            y[row, label] = 1
    return torch.linalg.vector_norm(p - y, dim=1)


def weights(p_true, foreground):
    alpha = torch.where(foreground, 0.25, 0.75).double()
    focal = alpha * (1 - p_true) ** 2
    bins = torch.clamp((1 - p_true) * 10, max=9).floor()
    counts = torch.stack([(bins == b).sum() for b in range(10)]).double()
    ghm = len(p_true) / (counts[bins.long()] * 10)
    return {"focal": focal.tolist(), "ghm": ghm.tolist()}


def softmax_case():
    z = float32(torch.randn(R, K + 1, dtype=torch.float64) * SCALES)
    labels = torch.randint(0, K + 1, (R,))
    p = torch.softmax(z, 1)
    p_true = p.gather(1, labels[:, None])[:, 0]
    others = p.clone()
    others[torch.arange(R), labels] = -1
    return {
        "scores": z.flatten().tolist(),
        "labels": labels.tolist(),
        "entropy": torch.distributions.Categorical(logits=z).entropy().tolist(),
        "el2n": error_norm(p, labels).tolist(),
        "margin": (p_true - others.amax(1)).tolist(),
        **weights(p_true, labels < K),
    }


def sigmoid_case(objectness):
    z = float32(torch.randn(R, K, dtype=torch.float64) * SCALES - 3)
    o = float32(torch.randn(R, dtype=torch.float64) * 3)
    labels = torch.randint(0, K + 1, (R,))
    p = torch.sigmoid(z) * (torch.sigmoid(o)[:, None] if objectness else 1)
    # log(1 - p) without cancellation: 1 - p = (1 - s) + s (1 - o).
    s = torch.sigmoid(z)
    q = torch.sigmoid(-z) + (s * torch.sigmoid(-o)[:, None] if objectness else 0)
    entropy = (-torch.xlogy(p, p) - torch.xlogy(q, q)).sum(1)
    return {
        "scores": z.flatten().tolist(),
        "objectness": o.tolist() if objectness else None,
        "labels": labels.tolist(),
        "probabilities": torch.sigmoid(z).flatten().tolist(),
        "entropy": entropy.tolist(),
        "el2n": error_norm(p, labels).tolist(),
    }


print(json.dumps({"numClasses": K, "softmax": softmax_case(), "sigmoid": [sigmoid_case(False), sigmoid_case(True)]}))
