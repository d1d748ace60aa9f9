"""What `ohem mine` does, as a person would write it in Python: Pillow, numpy and ONNX Runtime on the same images.

    python python_pipeline.py MODEL.onnx CLASSES.txt COCO_FOLDER [--cores 2] [--rounds 3] [--budget 64]

Decode, antialiased letterbox, forward, boxes, SimOTA, losses (objectness and class BCE, GIoU), then mining NMS by loss
until the budget is full. It writes no file, and no top scores, entropy or EL2N, which `ohem mine` does. Two ways, the
faster one counts: one image after the other with all cores in the forward, and one image a core in threads with a
one-core session each (Pillow, numpy and ONNX Runtime release the interpreter's lock). Prints one line of JSON.
"""
import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

try:
    import numpy as np
    import onnxruntime as ort
    from PIL import Image
except ImportError as error:
    print(json.dumps({"skipped": f"Python has no {error.name}"}))
    sys.exit(0)

SIDE, PAD = 416, 114
STRIDES = (8, 16, 32)
FLOOR = 1e-12


def grid():
    cells = []
    for stride in STRIDES:
        n = SIDE // stride
        y, x = np.mgrid[0:n, 0:n]
        cells.append(np.stack([x.ravel() * stride, y.ravel() * stride, np.full(n * n, stride)], 1))
    return np.concatenate(cells).astype(np.float32)


GRID = grid()


def preprocess(path):
    image = Image.open(path).convert("RGB")
    ratio = min(SIDE / image.width, SIDE / image.height)
    size = int(image.width * ratio + 1e-9), int(image.height * ratio + 1e-9)
    pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    tensor = np.full((1, 3, SIDE, SIDE), PAD, np.float32)
    tensor[0, :, : size[1], : size[0]] = pixels[:, :, ::-1].transpose(2, 0, 1)
    return tensor, np.float32([size[0] / image.width, size[1] / image.height])


def decode(raw, scale):
    centre = (raw[:, :2] * GRID[:, 2:] + GRID[:, :2]) / scale
    half = np.exp(raw[:, 2:4]) * GRID[:, 2:] / scale / 2
    return np.concatenate([centre - half, centre + half], 1), raw[:, 4], raw[:, 5:]


def iou(a, b):
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(2)
    area_a = (a[:, 2:] - a[:, :2]).prod(1)
    area_b = (b[:, 2:] - b[:, :2]).prod(1)
    return inter / np.maximum(area_a[:, None] + area_b[None] - inter, FLOOR)


def simota(boxes, objectness, scores, scale, gts, labels):
    """Ground truth of each anchor, -1 none."""
    match = np.full(len(boxes), -1)
    if len(gts) == 0:
        return match
    stride = GRID[:, 2:] / scale
    centre = (GRID[:, :2] + GRID[:, 2:] / 2) / scale
    inside = ((centre[:, None] > gts[None, :, :2]) & (centre[:, None] < gts[None, :, 2:])).all(2)
    middle = (gts[:, :2] + gts[:, 2:]) / 2
    near = (np.abs(centre[:, None] - middle[None]) < 2.5 * stride[:, None]).all(2)
    rows = np.flatnonzero((inside | near).any(1))
    if len(rows) == 0:
        return match
    overlap = iou(boxes[rows], gts)
    root = np.sqrt(np.clip(scores[rows] * objectness[rows, None], 0, 1))
    no = -np.log(np.maximum(1 - root, np.exp(-100)))
    yes = -np.log(np.maximum(root[:, labels], np.exp(-100)))
    cost = no.sum(1)[:, None] - no[:, labels] + yes - 3 * np.log(overlap + 1e-8) + 1e5 * ~(inside & near)[rows]
    taken = np.zeros(cost.shape, bool)
    highest = np.sort(overlap, 0)[-10:].sum(0).astype(int)
    for g, k in enumerate(np.maximum(highest, 1)):
        taken[np.argsort(cost[:, g], kind="stable")[:k], g] = True
    twice = taken.sum(1) > 1
    taken[twice] = False
    taken[twice, cost[twice].argmin(1)] = True
    some = taken.any(1)
    match[rows[some]] = taken[some].argmax(1)
    return match


def giou_loss(a, b):
    inter = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None).prod(1)
    hull = (np.maximum(a[:, 2:], b[:, 2:]) - np.minimum(a[:, :2], b[:, :2])).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inter
    return 2 - inter / union - union / hull


def losses(boxes, objectness, scores, match, gts, labels):
    p = np.clip(objectness, FLOOR, 1 - FLOOR).astype(np.float64)
    loss = np.where(match >= 0, -np.log(p), -np.log1p(-p))
    rows = np.flatnonzero(match >= 0)
    if len(rows):
        q = np.clip(scores[rows].astype(np.float64), FLOOR, 1 - FLOOR)
        no = -np.log1p(-q)
        label = labels[match[rows]]
        at = np.arange(len(rows))
        loss[rows] += no.sum(1) - no[at, label] - np.log(q[at, label])
        loss[rows] += giou_loss(boxes[rows].astype(np.float64), gts[match[rows]].astype(np.float64))
    return loss


def mining_nms(boxes, loss, budget, threshold):
    """The hardest rows that no harder kept row suppresses."""
    order = np.argsort(-loss, kind="stable")
    kept = []
    while len(order) and len(kept) < budget:
        first, order = order[0], order[1:]
        kept.append(first)
        order = order[iou(boxes[first : first + 1], boxes[order])[0] <= threshold]
    return np.array(kept, int)


def mine(session, image, budget):
    path, gts, labels, crowd = image
    tensor, scale = preprocess(path)
    raw = session.run(None, {session.get_inputs()[0].name: tensor})[0][0]
    boxes, objectness, scores = decode(raw, scale)
    match = simota(boxes, objectness, scores, scale, gts, labels)
    loss = losses(boxes, objectness, scores, match, gts, labels)
    if len(crowd):
        low = np.maximum(boxes[:, None, :2], crowd[None, :, :2])
        high = np.minimum(boxes[:, None, 2:], crowd[None, :, 2:])
        area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        covered = (np.clip(high - low, 0, None).prod(2) >= 0.5 * area[:, None]).any(1) & (match < 0)
        loss[covered] = -np.inf
    kept = mining_nms(boxes, loss, budget, 0.7)
    return float(loss[kept[np.isfinite(loss[kept])]].sum())


def read(folder, classes):
    with open(os.path.join(folder, "instances.json")) as file:
        data = json.load(file)
    names = {c["id"]: classes.index(c["name"]) for c in data["categories"] if c["name"] in classes}
    by = {}
    for a in data["annotations"]:
        by.setdefault(a["image_id"], []).append(a)
    images = []
    for image in data["images"]:
        own = [a for a in by.get(image["id"], []) if a["category_id"] in names and a["bbox"][2] > 0 and a["bbox"][3] > 0]
        box = lambda some: np.float32([[x, y, x + w, y + h] for x, y, w, h in (a["bbox"] for a in some)]).reshape(-1, 4)
        real = [a for a in own if not a["iscrowd"]]
        labels = np.array([names[a["category_id"]] for a in real], int)
        images.append((os.path.join(folder, "images", image["file_name"]), box(real), labels, box([a for a in own if a["iscrowd"]])))
    return images


def open_session(model, threads):
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def best_rate(work, count, rounds):
    """Images a second, and ms of processor time an image over all threads."""
    rates, costs = [], []
    for _ in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        rates.append(count / (time.perf_counter() - start))
        costs.append(1000 * (time.process_time() - cpu) / count)
    return {"imagesPerSecond": max(rates), "cpuMsPerImage": min(costs)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("classes")
    parser.add_argument("data")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=64)
    args = parser.parse_args()
    with open(args.classes) as file:
        classes = [line.strip() for line in file if line.strip()]
    images = read(args.data, classes)
    shared = open_session(args.model, args.cores)
    sums = []

    def one_by_one():
        sums[:] = [mine(shared, image, args.budget) for image in images]

    for image in images[:10]:
        mine(shared, image, args.budget)
    sequential = best_rate(one_by_one, len(images), args.rounds)
    del shared
    sessions = [open_session(args.model, 1) for _ in range(args.cores)]

    def lane(i):
        return [mine(sessions[i], image, args.budget) for image in images[i :: args.cores]]

    with ThreadPoolExecutor(args.cores) as pool:
        parallel = best_rate(lambda: list(pool.map(lane, range(args.cores))), len(images), args.rounds)
    print(json.dumps({"sequential": sequential, "threads": parallel, "lossSums": sums, "onnxruntime": ort.__version__, "numpy": np.__version__}))


main()
