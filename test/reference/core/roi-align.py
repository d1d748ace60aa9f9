"""RoIAlign by ONNX Runtime (opset 16, half_pixel: torchvision's aligned=True), as roi-align.json.

pip install onnx onnxruntime numpy; python roi-align.py > roi-align.json
"""
import json

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper


def pooled(features, boxes, size, ratio, scale):
    node = helper.make_node(
        "RoiAlign", ["x", "rois", "batch"], ["y"], mode="avg", output_height=size, output_width=size,
        sampling_ratio=ratio, spatial_scale=scale, coordinate_transformation_mode="half_pixel")
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, None), helper.make_tensor_value_info("rois", TensorProto.FLOAT, None),
         helper.make_tensor_value_info("batch", TensorProto.INT64, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    chw = np.ascontiguousarray(features.transpose(2, 0, 1))[None]
    (y,) = session.run(None, {"x": chw, "rois": boxes, "batch": np.zeros(len(boxes), np.int64)})
    return y.transpose(0, 2, 3, 1)


rng = np.random.default_rng(3)
cases = []
for height, width, channels, size, ratio, stride in [(9, 13, 3, 5, 2, 8), (6, 6, 2, 7, 2, 16), (12, 7, 1, 3, 1, 4), (8, 8, 4, 2, 3, 8)]:
    features = rng.normal(size=(height, width, channels)).astype(np.float32)
    x1 = rng.uniform(-20, width * stride, 12)
    y1 = rng.uniform(-20, height * stride, 12)
    boxes = np.stack([x1, y1, x1 + rng.uniform(1, 70, 12), y1 + rng.uniform(1, 70, 12)], 1).astype(np.float32)
    boxes[0] = [0, 0, width * stride, height * stride]
    boxes[1] = [-300, -300, -200, -200]
    boxes[2] = [-2.5 * stride, 3, width * stride + 3 * stride, 9]
    y = pooled(features, boxes, size, ratio, 1 / stride)
    cases.append({
        "height": height, "width": width, "channels": channels, "pooledSize": size, "samplingRatio": ratio, "stride": stride,
        "features": [round(float(v), 7) for v in features.ravel()], "boxes": boxes.tolist(),
        "pooled": [round(float(v), 7) for v in y.ravel()],
    })
print(json.dumps({"made_by": f"onnxruntime {ort.__version__}, numpy {np.__version__}", "cases": cases}))
