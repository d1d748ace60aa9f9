"""SavedModels for the suite of TensorFlow's binding:  python make-saved-models.py FOLDER

yolox/     float32 [?, ?, ?, 3] -> rows [?, ?, 5 + 6] of a YOLOX-like head on strides 8, 16, 32, and stride8 [?, ?, ?, 16]
bytes/     the same network over uint8 [1, ?, ?, 3], as TensorFlow's Object Detection API exports
types/     uint8 image [?, ?, 3], int64 [?] -> float32, int32, int64, bool outputs; one through a while loop
answer.json  what TensorFlow in Python gives for the yolox model and a known input
"""
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
CLASSES = ["screw", "nut", "washer", "coin", "button", "key"]
rng = np.random.default_rng(11)


class Yolox(tf.Module):
    def __init__(self):
        widths = [3, 8, 12, 16, 16, 16]
        self.body = [self.weights(3, a, b) for a, b in zip(widths[:-1], widths[1:])]
        self.heads = [self.weights(1, 16, 5 + len(CLASSES)) for _ in range(3)]

    def weights(self, side, depth, width):
        return tf.Variable(rng.normal(0, (2 / (side * side * depth)) ** 0.5, (side, side, depth, width)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32, name="images")])
    def __call__(self, images):
        x = images / 128 - 1
        levels = []
        for index, weights in enumerate(self.body):
            x = tf.nn.relu(tf.nn.conv2d(x, weights, 2, "SAME"))
            if index >= 2:
                levels.append(x)
        rows = []
        for level, weights in zip(levels, self.heads):
            y = tf.nn.conv2d(level, weights, 1, "SAME")
            y = tf.concat([y[..., :4], tf.sigmoid(y[..., 4:] - 2)], -1)
            rows.append(tf.reshape(y, [tf.shape(y)[0], -1, 5 + len(CLASSES)]))
        return {"rows": tf.concat(rows, 1), "stride8": levels[0]}


class Bytes(tf.Module):
    def __init__(self, network):
        self.network = network

    @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3], tf.uint8, name="input_tensor")])
    def __call__(self, input_tensor):
        return self.network(tf.cast(input_tensor, tf.float32))


class Types(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 3], tf.uint8, name="image"), tf.TensorSpec([None], tf.int64, name="steps")])
    def __call__(self, image, steps):
        total = tf.constant(0, tf.int64)
        for index in tf.range(tf.shape(steps)[0]):
            total += steps[index]
        mean = tf.reduce_mean(tf.cast(image, tf.float32), [0, 1])
        return {"mean": mean, "size": tf.shape(image), "total": tf.reshape(total, [1]), "bright": mean > 100}


folder.mkdir(parents=True, exist_ok=True)
yolox, types = Yolox(), Types()
bytes_ = Bytes(yolox)
tf.saved_model.save(yolox, str(folder / "yolox"), signatures=yolox.__call__)
tf.saved_model.save(types, str(folder / "types"), signatures=types.__call__)
tf.saved_model.save(bytes_, str(folder / "bytes"), signatures=bytes_.__call__)
for name in ["yolox", "bytes"]:
    (folder / name / "ohem.json").write_text(json.dumps({"family": "yolox", "classes": CLASSES, "input": {"width": 480, "height": 384}, "decoded": False}))
size = 64 * 96 * 3
rows = yolox((np.arange(size, dtype=np.float32) * 7 % 256).reshape(1, 64, 96, 3))["rows"].numpy()
(folder / "answer.json").write_text(json.dumps({"shape": rows.shape, "rows": rows.ravel().tolist()}))
