"""Writes misclassified.json: which digits of mnist-a each shared classifier gets wrong, with cross-entropy in nats.

The two TensorFlow.js networks are computed from their weight files in numpy, float64; the ONNX one by ONNX Runtime.

Usage: python misclassified.py ../../../../shared > misclassified.json   (needs numpy, pillow, onnxruntime)
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

shared = Path(sys.argv[1])
files = sorted(p for p in (shared / "data/mnist-a").glob("*/*.png"))
labels = np.array([int(p.parent.name) for p in files])
pixels = np.stack([np.asarray(Image.open(p).convert("L"), dtype=np.float64) for p in files])


def weights(name):
    folder = shared / "checkpoints" / name
    model = json.loads((folder / "model.json").read_text())
    data = (folder / "group1-shard1of1.bin").read_bytes()
    arrays, at = [], 0
    for spec in model["weightsManifest"][0]["weights"]:
        count = int(np.prod(spec["shape"]))
        arrays.append(np.frombuffer(data, "<f4", count, at).reshape(spec["shape"]).astype(np.float64))
        at += 4 * count
    return arrays


def conv(x, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.maximum(np.einsum("nhwcij,ijco->nhwo", windows, kernel) + bias, 0)


def pool(x):
    n, h, w, c = x.shape
    return x[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


def cnn():
    k1, b1, k2, b2, d1, e1, d2, e2 = weights("digits-cnn-tfjs")
    x = pool(conv(pool(conv(pixels[..., None] / 255, k1, b1)), k2, b2))
    return np.maximum(x.reshape(len(x), -1) @ d1 + e1, 0) @ d2 + e2


def mlp():
    d1, e1, d2, e2, d3, e3 = weights("digits-mlp-tfjs")
    x = np.maximum(pixels.reshape(len(pixels), -1) / 255 @ d1 + e1, 0)
    return np.maximum(x @ d2 + e2, 0) @ d3 + e3


def cntk():
    session = onnxruntime.InferenceSession(str(shared / "checkpoints/mnist-onnx/mnist.onnx"), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"Input3": x[None, None].astype(np.float32)})[0] for x in pixels]).astype(np.float64)


def wrong(logits):
    shifted = logits - logits.max(1, keepdims=True)
    loss = np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]
    rows = np.flatnonzero(logits.argmax(1) != labels)
    ids = [files[i].parent.name + "/" + files[i].name for i in rows]
    return sorted([[name, int(logits[i].argmax()), float(loss[i])] for name, i in zip(ids, rows)], key=lambda w: -w[2])


print(json.dumps({"digits-cnn-tfjs": wrong(cnn()), "digits-mlp-tfjs": wrong(mlp()), "mnist-onnx": wrong(cntk())}, indent=1))
