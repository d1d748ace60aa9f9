"""Writes training-dynamics.json: AUM and forgetting events of 30 examples over 6 checkpoints, from logits, in numpy.

Usage: python training-dynamics.py > training-dynamics.json   (needs numpy)
"""
import json

import numpy as np

rng = np.random.default_rng(18121905)
T, E, K = 6, 30, 5
labels = rng.integers(0, K, E)
skill = np.linspace(-1, 3, T)[:, None, None]
z = rng.normal(size=(T, E, K)) * 3
z += skill * (np.arange(K)[None, None] == labels[None, :, None])
z = z.astype(np.float32).astype(np.float64)

own = np.take_along_axis(z, labels[None, :, None].repeat(T, 0), 2)[..., 0]
masked = z.copy()
masked[:, np.arange(E), labels] = -np.inf
margin = own - masked.max(2)
correct = z.argmax(2) == labels
forgotten = (correct[:-1] & ~correct[1:]).sum(0)
first = [int(np.flatnonzero(c)[0]) if c.any() else -1 for c in correct.T]
print(json.dumps({
    "numClasses": K,
    "labels": labels.tolist(),
    "logits": z.reshape(T, -1).tolist(),
    "aum": margin.mean(0).tolist(),
    "forgotten": forgotten.tolist(),
    "first": first,
}))
