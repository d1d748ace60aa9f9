# RoI dump writer of OHEM Lens for plain PyTorch: dump = open_dump("losses.jsonl", ["cat", "dog"]) before training,
# then dump(...) once an image in every training step, with all of its RoIs, before any are sampled. MIT licence.
import json


def open_dump(path, classes, background=0, activation="softmax"):
    """background: the label that means background, 0 or len(classes); None where there is none."""
    file = open(path, "w", encoding="utf-8")

    def write(record):  # JSON lacks NaN and Infinity: they go as strings
        print(json.dumps(json.loads(json.dumps(record), parse_constant=str)), file=file, flush=True)

    def dump(image, rois, labels, logits, loc_pred=None, loc_target=None, **more):
        """rois (R, 4): x1, y1, x2, y2 in px of the image file; labels (R): -1 is ignored; logits (R, C);
        loc_pred, loc_target (R, 4): encoded deltas. more: loss_cls (R) and loss_loc (R), which win, width, height, gt."""
        columns = {"rois": rois, "label": labels, "logits": logits, "loc_pred": loc_pred, "loc_target": loc_target, **more}
        lists = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in columns.items()}
        write({"image": str(image), **lists})

    write({"ohem_dump": 1, "task": "detection", "classes": list(classes), "background": background, "activation": activation})
    return dump
