"""Makes pillow-resize.json: small random images resized by Pillow's BILINEAR. Needs numpy and pillow 11 or 12."""
import base64
import json
import pathlib

import numpy as np
from PIL import Image

SIZES = [(13, 7, 21, 9), (1, 1, 5, 5), (3, 40, 16, 10), (24, 24, 24, 24), (32, 32, 16, 16), (2, 2, 7, 9), (60, 1, 10, 10), (64, 48, 41, 31), (33, 50, 27, 41)]
rng = np.random.default_rng(0)
cases = []
for width, height, to_width, to_height in SIZES:
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    resized = np.asarray(Image.fromarray(image).resize((to_width, to_height), Image.Resampling.BILINEAR))
    cases.append({"from": [width, height], "to": [to_width, to_height], "image": base64.b64encode(image.tobytes()).decode(), "resized": base64.b64encode(resized.tobytes()).decode()})
text = ",\n".join(json.dumps(case) for case in cases)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
