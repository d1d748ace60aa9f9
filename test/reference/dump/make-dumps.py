"""Dumps in every form and what `ohem sample` must answer, by straight NumPy. Run: python make-dumps.py"""
import json
import numpy as np

rng = np.random.default_rng(7)
K = 3
NAMES = ["cat", "dog", "zebra"]


def make_images(background, activation, columns, sizes=(9, 0, 25, 1, 14)):
    top = K if background is not None else K - 1
    for n, size in enumerate(sizes):
        corner = rng.uniform(0, 60, (size, 2))
        yield dict(
            image=f"im {n} \u2028 é.jpg",
            rois=np.hstack([corner, corner + rng.uniform(10, 50, (size, 2))]),
            label=rng.integers(-1, top + 1, size),
            logits=rng.normal(0, 6, (size, columns)),
            loc_pred=rng.normal(0, 1, (size, 4)),
            loc_target=rng.normal(0, 1, (size, 4)),
        )


def class_losses(image, header):
    logits, label = image["logits"], image["label"]
    losses = []
    for z, l in zip(logits, label):
        if l < 0:
            losses.append(0.0)
        elif header["activation"] == "softmax":
            m = z.max()
            losses.append(float(m + np.log(np.exp(z - m).sum()) - z[l]))
        else:
            t = np.zeros(len(z))
            column = l if len(z) > K or header["background"] is None else (-1 if l == header["background"] else l - (header["background"] == 0))
            if column >= 0:
                t[column] = 1
            losses.append(float((np.maximum(z, 0) - z * t + np.log1p(np.exp(-abs(z)))).sum()))
    return np.array(losses)


def box_losses(image, sigma):
    beta = 1 / sigma**2
    d = abs(image["loc_pred"] - image["loc_target"])
    return np.where(d < beta, 0.5 * d * d / beta, d - 0.5 * beta).sum(1) if len(d) else np.zeros(0)


def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    inter = w * h
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)


def sample(images, header, preset, options):
    size = options.get("images-per-batch", 2)
    batches = []
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        owner = np.concatenate([[i] * len(im["label"]) for i, im in enumerate(batch)]).astype(int)
        row = np.concatenate([np.arange(len(im["label"])) for im in batch]).astype(int)
        label = np.concatenate([im["label"] for im in batch]).astype(int)
        boxes = np.concatenate([im["rois"] for im in batch])
        cls = np.concatenate([class_losses(im, header) for im in batch])
        loc = np.concatenate([box_losses(im, options.get("sigma", 1)) for im in batch])
        foreground = (label >= 0) & (label != (header["background"] if header["background"] is not None else -9))
        ignored = label < 0
        status = np.array(["below-budget"] * len(label), dtype=object)
        suppressor = [None] * len(label)
        if preset == "top-b":
            rank_loss, ranked, counted_loc = cls + loc, np.ones(len(label), bool), loc
            order = sorted(np.flatnonzero(ranked), key=lambda r: (-rank_loss[r], r))
            selected = order[: options["batch-size"]]
        else:
            ranked, counted_loc = ~ignored, np.where(foreground, loc, 0)
            rank_loss = cls + counted_loc
            status[ignored] = "ignored"
            order = sorted(np.flatnonzero(ranked), key=lambda r: (-rank_loss[r], r))
            selected = []
            for i in range(len(batch)):
                kept = []
                mine = [r for r in order if owner[r] == i]
                for r in mine:
                    by = next((k for k in kept if iou(boxes[k], boxes[r]) > options.get("nms-threshold", 0.7)), None)
                    if by is None:
                        kept.append(r)
                    else:
                        status[r] = "nms-suppressed"
                        suppressor[r] = int(row[by])
                selected += kept[: options["batch-size"] // size]
        for r in selected:
            status[r] = "selected"
        rank = {r: k for k, r in enumerate(order)}
        n = len(selected)
        batches.append(
            dict(
                images=[im["image"] for im in batch],
                keep_num=n,
                cls_loss=float(cls[selected].sum() / n) if n else 0,
                loc_loss=float(counted_loc[selected].sum() / n) if n else 0,
                rois=[
                    [int(owner[r]), int(row[r]), float(cls[r]), float(loc[r]), float(rank_loss[r]) if ranked[r] else None, rank.get(r), status[r], suppressor[r]]
                    for r in range(len(label))
                ],
            )
        )
    return batches


def jsonable(value):
    return value.tolist() if hasattr(value, "tolist") else value


cases = []
forms = [(0, "softmax", K + 1), (K, "softmax", K + 1), (None, "softmax", K), (0, "sigmoid", K), (K, "sigmoid", K), (K, "sigmoid", K + 1), (0, "sigmoid", K + 1), (None, "sigmoid", K)]
for number, (background, activation, columns) in enumerate(forms):
    header = dict(ohem_dump=1, task="detection", classes=NAMES, background=background, activation=activation)
    images = list(make_images(background, activation, columns))
    name = f"case-{number}"
    lines = [header] + [{key: jsonable(value) for key, value in image.items()} for image in images]
    with open(f"{name}.jsonl", "w", encoding="utf8") as out:
        out.write("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n")
    column = lambda key, width: np.concatenate([image[key].reshape(-1, *width) for image in images])
    arrays = dict(
        image=np.array([image["image"] for image in images]),
        roi_image=np.concatenate([[i] * len(image["label"]) for i, image in enumerate(images)]).astype(np.int32),
        rois=np.asfortranarray(column("rois", (4,))),
        label=column("label", ()).astype(np.int8),
        logits=column("logits", (columns,)).astype(">f8"),
        loc_pred=column("loc_pred", (4,)),
        loc_target=column("loc_target", (4,)),
        classes=np.array(NAMES),
        activation=np.array(activation),
    )
    if background is not None:
        arrays["background"] = np.array(background)
    (np.savez_compressed if number % 2 else np.savez)(f"{name}.npz", **arrays)
    options = [("paper", {"batch-size": 16}), ("paper", {"batch-size": 9, "images-per-batch": 3, "nms-threshold": 0.3, "sigma": 3}), ("top-b", {"batch-size": 10, "images-per-batch": 5})]
    cases.append(dict(name=name, runs=[dict(preset=p, options=o, batches=sample(images, header, p, o)) for p, o in options]))
with open("answers.json", "w", encoding="utf8") as out:
    json.dump(cases, out, ensure_ascii=False)

images = np.array(["a.jpg"])
good = dict(image=images, roi_image=np.zeros(4, int), rois=np.ones((4, 4)), label=np.zeros(4, int), loss_cls=np.ones(4), classes=np.array(NAMES), background=0)
np.savez("pickled.npz", **{**good, "label": np.array([0, None, 1, "x"], dtype=object)})
np.savez("misfit.npz", **{**good, "rois": np.ones((4, 5))})
