"""Cosines of averaged RoI features by numpy, from the bins that ONNX Runtime pooled (roi-align.json), as similar.json.

pip install numpy; python similar.py > similar.json
"""
import json
import pathlib

import numpy as np

cases = []
for case in json.loads(pathlib.Path(__file__).with_name("roi-align.json").read_text())["cases"]:
    bins = case["pooledSize"] ** 2
    vectors = np.array(case["pooled"]).reshape(-1, bins, case["channels"]).mean(1)
    length = np.linalg.norm(vectors, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = vectors @ vectors[0] / (length * length[0])
    cases.append([None if np.isnan(c) else round(float(c), 6) for c in cosines])
print(json.dumps({"made_by": f"numpy {np.__version__}", "cosines_with_the_first_box": cases}))
