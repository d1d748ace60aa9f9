"""Makes opencv-resize.json: small random images resized by OpenCV. Needs numpy and opencv-python-headless (5.0.0)."""
import base64
import json
import pathlib

import cv2
import numpy as np

SIZES = [(13, 7, 21, 9), (1, 1, 5, 5), (3, 40, 16, 10), (24, 24, 24, 24), (32, 32, 16, 16), (2, 2, 7, 9), (60, 1, 10, 10), (64, 48, 41, 31), (33, 50, 27, 41)]
rng = np.random.default_rng(0)
cases = []
for width, height, to_width, to_height in SIZES:
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    resized = cv2.resize(image, (to_width, to_height), interpolation=cv2.INTER_LINEAR)
    cases.append({"from": [width, height], "to": [to_width, to_height], "image": base64.b64encode(image.tobytes()).decode(), "resized": base64.b64encode(resized.tobytes()).decode()})
text = ",\n".join(json.dumps(case) for case in cases)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
