"""Writes measure-examples.json: cross-entropy, entropy, EL2N and margin of a classifier's rows from PyTorch, float64.

Usage: python measure-examples.py > measure-examples.json   (needs torch)
"""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(19980411)
K, N = 10, 24
z = (torch.randn(N, K, dtype=torch.float64) * torch.tensor([0.1, 2.0, 20.0, 2000.0] * 6)[:, None]).float().double()
labels = torch.randint(0, K, (N,))
p = torch.softmax(z, 1)
others = p.clone()
others[torch.arange(N), labels] = -1
print(json.dumps({
    "numClasses": K,
    "logits": z.flatten().tolist(),
    "labels": labels.tolist(),
    "loss": F.cross_entropy(z, labels, reduction="none").tolist(),
    "entropy": torch.distributions.Categorical(logits=z).entropy().tolist(),
    "el2n": torch.linalg.vector_norm(p - F.one_hot(labels, K), dim=1).tolist(),
    "margin": (p.gather(1, labels[:, None])[:, 0] - others.amax(1)).tolist(),
    "predicted": z.argmax(1).tolist(),
}))
