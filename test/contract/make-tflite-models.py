"""TensorFlow Lite models as its converter makes them, for the suite that compares:  python make-tflite-models.py FOLDER

NAME.tflite for a head [1, 4 + 3, A] of boxes in 0...1 and class scores on strides 8, 16, 32 at 64 x 64:
  float (batch left open), float16, dynamic-range, int8, uint8, topk (the best 10 rows), nms (after NMS);
  open-size and flex, which LiteRT.js cannot run
NAME.json  for each but those two, and for any other .tflite in the folder: what TensorFlow's interpreter in Python
           gives for pixels (7 * i) % 256 of the input's values i, scaled to 0...1 where the input is float
"""
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
SIDE = 64
NUM_CLASSES = 3
rng = np.random.default_rng(5)


def kernel(side, depth, width):
    return tf.constant(rng.normal(0, (2 / (side * side * depth)) ** 0.5, (side, side, depth, width)).astype(np.float32))


WIDTHS = [3, 8, 12, 16, 16, 16]
BODY = [kernel(3, a, b) for a, b in zip(WIDTHS[:-1], WIDTHS[1:])]
HEADS = [kernel(1, 16, 4 + NUM_CLASSES) for _ in range(3)]


def table(images):
    """[B, 4 + K, A]: centre, size, scores."""
    x, levels = images * 2 - 1, []
    for index, weights in enumerate(BODY):
        x = tf.nn.relu(tf.nn.conv2d(x, weights, 2, "SAME"))
        if index >= 2:
            levels.append(x)
    columns = []
    for level, weights in zip(levels, HEADS):
        y = tf.reshape(tf.nn.conv2d(level, weights, 1, "SAME"), [-1, level.shape[1] * level.shape[2], 4 + NUM_CLASSES])
        columns.append(tf.transpose(tf.sigmoid(y), [0, 2, 1]))
    return tf.concat(columns, -1)


def head(images):
    return {"boxes": table(images)}


def candidates(images):
    """Corners in pixels, best score and its class, of one image."""
    y = tf.transpose(table(images)[0])
    centre, size, scores = y[:, :2], y[:, 2:4], y[:, 4:]
    corners = tf.concat([centre - size / 2, centre + size / 2], -1) * SIDE
    return corners, tf.reduce_max(scores, -1), tf.cast(tf.argmax(scores, -1), tf.float32)


def found(boxes, scores, classes, kept):
    return {"found": tf.gather(tf.concat([boxes, scores[:, None], classes[:, None]], -1), kept)[None]}


def topk(images):
    boxes, scores, classes = candidates(images)
    return found(boxes, scores, classes, tf.math.top_k(scores, 10).indices)


def nms(images):
    boxes, scores, classes = candidates(images)
    kept = tf.raw_ops.NonMaxSuppressionV4(
        boxes=boxes,
        scores=scores,
        max_output_size=10,
        iou_threshold=0.5,
        score_threshold=0.1,
        pad_to_max_output_size=True,
    )
    return found(boxes, scores, classes, kept.selected_indices)


def converter(function, shape):
    module = tf.Module()
    module.call = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32, name="images")])
    concrete = module.call.get_concrete_function()
    tf.saved_model.save(module, str(folder / "saved"), signatures={"serving_default": concrete})
    return tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))


def pixels(shape):
    return ((np.arange(np.prod(shape)) * 7) % 256).reshape(shape)


def write(name, function=head, shape=(1, SIDE, SIDE, 3), **options):
    made = converter(function, list(shape))
    for key, value in options.items():
        if key == "supported_ops" or key == "supported_types":
            setattr(made.target_spec, key, value)
        else:
            setattr(made, key, value)
    (folder / f"{name}.tflite").write_bytes(made.convert())


def real(values, details):
    scale, zero_point = details["quantization"]
    values = values.astype(np.float64)
    return ((values - zero_point) * scale if scale > 0 else values).tolist()


def answer(path):
    interpreter = tf.lite.Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        values, dtype = pixels(details["shape"]), details["dtype"]
        values = values / 255 if dtype == np.float32 else values - 128 if dtype == np.int8 else values
        interpreter.set_tensor(details["index"], values.astype(dtype))
    interpreter.invoke()
    outputs = [
        {
            "shape": list(map(int, details["shape"])),
            "values": real(interpreter.get_tensor(details["index"]).ravel(), details),
            "step": details["quantization"][0],
        }
        for details in interpreter.get_output_details()
    ]
    path.with_suffix(".json").write_text(json.dumps(outputs))


quantised = {
    "optimizations": [tf.lite.Optimize.DEFAULT],
    "representative_dataset": lambda: ([pixels((1, SIDE, SIDE, 3)).astype(np.float32) / 255] for _ in range(4)),
    "supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8],
}
write("float", shape=(None, SIDE, SIDE, 3))
write("float16", optimizations=[tf.lite.Optimize.DEFAULT], supported_types=[tf.float16])
write("dynamic-range", optimizations=[tf.lite.Optimize.DEFAULT])
write("int8", **quantised, inference_input_type=tf.int8, inference_output_type=tf.int8)
write("uint8", **quantised, inference_input_type=tf.uint8, inference_output_type=tf.uint8)
write("topk", topk)
write("nms", nms)
for path in sorted(folder.glob("*.tflite")):
    answer(path)
write("open-size", lambda images: {"y": tf.nn.conv2d(images, BODY[0], 2, "SAME")}, (1, None, None, 3))
write(
    "flex",
    lambda images: {"y": tf.linalg.det(images[0, :3, :3, :])},
    supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS],
)
