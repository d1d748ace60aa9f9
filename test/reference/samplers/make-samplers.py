"""Expected selections of every preset, computed slowly and plainly: lists, float64, no index, no early stop.

Written from the presets' definitions, independently of the TypeScript. `top-b` and `top-rate` are computed by
PyTorch with the snippet's own operations. Needs numpy and torch:

    python test/reference/samplers/make-samplers.py > test/reference/samplers/samplers.json
"""
import json
import math

import numpy as np
import torch

K = 3
SELECTED, SUPPRESSED, BELOW, IGNORED, INVALID = range(5)


def make_table(seed, num_rois, images, special):
    rng = np.random.default_rng(seed)
    rows = []
    for image in range(images):
        objects = rng.integers(0, 200, (4, 2))
        for _ in range(num_rois // images):
            near = rng.random() < 0.7
            x, y = objects[rng.integers(4)] + rng.integers(-6, 7, 2) if near else rng.integers(0, 260, 2)
            w, h = rng.integers(30, 45, 2) if near else rng.integers(1, 120, 2)
            if near and rng.random() < 0.35:
                x, y, w, h = x, y, 40, 40  # a chain: neighbours a few pixels apart
            label = int(rng.integers(0, K)) if near and rng.random() < 0.4 else K
            if rng.random() < 0.08:
                label = -1
            cls = float(rng.choice([rng.exponential(1.0), 0.5, 1.25], p=[0.8, 0.1, 0.1]))
            scores = np.sort(rng.random(K))[::-1]
            rows.append({
                'imageIndex': image, 'x1': float(x), 'y1': float(y), 'x2': float(x + w), 'y2': float(y + h),
                'predX1': float(x + rng.normal()), 'predY1': float(y + rng.normal()),
                'predX2': float(x + w + rng.normal()), 'predY2': float(y + h + rng.normal()),
                'gtClass': label,
                'iou': float(rng.choice([0.0, 0.05, 0.1, 0.25, 0.3, 0.4, 0.49])) if label in (K, -1) else 0.75,
                'score': float(np.float32(scores[0])), 'lossCls': cls, 'lossLoc': float(rng.exponential(0.5)),
            })
    if special:
        for row, (cls, loc, label) in zip(
            rng.permutation(len(rows)),
            [(math.nan, 0, K), (math.inf, 0, 0), (-math.inf, 0, K), (1, math.nan, 1), (1, math.nan, K), (1e308, 1e308, 2),
             (1e308, 0.25, K), (-1e308, 0, K), (math.nan, 0.5, -1), (2, math.inf, -1)],
        ):
            rows[row].update(lossCls=float(cls), lossLoc=float(loc), gtClass=label)
        rows[3].update(x2=rows[3]['x1'])
        rows[5].update(x1=math.nan)
        rows[7].update(predX2=math.inf)
    return rows


def iou(a, b, plus):
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a, b
    if not all(map(math.isfinite, a + b)):
        return 0.0
    aw, ah, bw, bh = ax2 - ax1 + plus, ay2 - ay1 + plus, bx2 - bx1 + plus, by2 - by1 + plus
    if min(aw, ah, bw, bh) <= 0:
        return 0.0
    iw = min(ax2, bx2) - max(ax1, bx1) + plus
    ih = min(ay2, by2) - max(ay1, by1) + plus
    if iw <= 0 or ih <= 0:
        return 0.0
    return iw * ih / (aw * ah + bw * bh - iw * ih)


def region(row):
    return [row['x1'], row['y1'], row['x2'], row['y2']]


def decoded(row):
    return [row['predX1'], row['predY1'], row['predX2'], row['predY2']]


def nms(rows, ranked, box, threshold, plus=0):
    kept, by = [], {}
    for r in ranked:
        for k in kept:
            if iou(box(rows[k]), box(rows[r]), plus) > threshold:
                by[r] = k
                break
        else:
            kept.append(r)
    return kept, by


def keep_rate(n, rate):
    return min(n, max(1, math.floor(n * rate + 1e-9)))


class Table:
    """Losses as a preset counts them, the candidates, their order."""

    def __init__(self, rows, loss='total', weights=(1.0, 1.0), as_given=False, with_ignored=False):
        self.rows = rows
        self.status = [BELOW] * len(rows)
        self.by = {}
        self.cls, self.loc, self.loss = [], [], []
        for i, row in enumerate(rows):
            ignored = row['gtClass'] == -1
            cls = 0.0 if ignored else row['lossCls']
            loc = row['lossLoc'] if as_given or 0 <= row['gtClass'] < K else 0.0
            loss_i = {'total': weights[0] * cls + weights[1] * loc, 'class': cls, 'box': loc}[loss]
            self.cls.append(cls), self.loc.append(loc), self.loss.append(loss_i)
            if ignored and not with_ignored:
                self.status[i] = IGNORED
            elif not (math.isfinite(cls + loc) and math.isfinite(loss_i)):
                self.status[i] = INVALID
        self.order = sorted((i for i in range(len(rows)) if self.status[i] == BELOW), key=lambda i: (-self.loss[i], i))

    def images(self):
        for image in sorted({row['imageIndex'] for row in self.rows}):
            yield [i for i in self.order if self.rows[i]['imageIndex'] == image]

    def is_fg(self, i):
        return 0 <= self.rows[i]['gtClass'] < K

    def select(self, chosen):
        for i in chosen:
            self.status[i] = SELECTED

    def answer(self):
        for i in self.by:
            self.status[i] = SUPPRESSED
        chosen = [i for i in range(len(self.rows)) if self.status[i] == SELECTED]
        mean = lambda v: math.fsum(v[i] / len(chosen) for i in chosen) if chosen else 0.0
        rank = {i: r for r, i in enumerate(self.order)}
        n = len(self.rows)
        return {
            'status': self.status, 'lossRank': [rank.get(i, -1) for i in range(n)],
            'suppressedBy': [self.by.get(i, -1) for i in range(n)], 'keepNum': len(chosen),
            'clsLoss': mean(self.cls), 'locLoss': mean(self.loc),
        }


def paper(rows, batchSize=128, imagesPerBatch=2, keepRate=None, nmsThreshold=0.7, rankBy='total'):
    t = Table(rows, rankBy)
    for ranked in t.images():
        budget = batchSize // imagesPerBatch if keepRate is None else keep_rate(len(ranked), keepRate)
        kept, by = nms(rows, ranked, region, nmsThreshold)
        t.by.update(by)
        t.select(kept[:budget])
    return t.answer()


def released_code(rows, batchSize=128, keepRate=None, nmsThreshold=0.7, rankBy='total', **_):
    t = Table(rows, rankBy)
    budget = batchSize if keepRate is None else keep_rate(len(t.order), keepRate)
    survivors = []
    for ranked in t.images():
        for label in range(K + 1):
            kept, by = nms(rows, [i for i in ranked if rows[i]['gtClass'] == label], region, nmsThreshold, plus=1)
            t.by.update(by)
            survivors += kept
    t.select(sorted(survivors, key=t.order.index)[:budget])
    return t.answer()


def top_b(rows, batchSize=128):
    """Statuses by the definition; the numbers by the snippet's operations on the valid rows."""
    t = Table(rows, as_given=True, with_ignored=True)
    valid = sorted(t.order)
    cls, loc = (torch.tensor([v[i] for i in valid], dtype=torch.float64) for v in (t.cls, t.loc))
    loss = cls + loc
    idx = torch.sort(loss, descending=True, stable=True)[1]
    keep_num = min(loss.size(0), batchSize)
    t.select(valid[i] for i in idx[:keep_num])
    expected = t.answer()
    # 1e308 - 1e308 swallows what lies between: there the exact mean stands.
    if keep_num > 0 and cls.abs().max() < 1e300:
        expected['clsLoss'] = (cls[idx[:keep_num]].sum() / keep_num).item()
        expected['locLoss'] = (loc[idx[:keep_num]].sum() / keep_num).item()
    return expected


def top_rate(rows, keepRate=0.7):
    t = Table(rows, 'class', with_ignored=True)
    valid = sorted(t.order)
    cls = torch.tensor([t.cls[i] for i in valid], dtype=torch.float64)
    idx = torch.sort(cls, descending=True, stable=True)[1]
    keep_num = min(cls.size(0), int(cls.size(0) * keepRate))
    t.select(valid[i] for i in idx[:keep_num])
    return t.answer()


def mmdet(rows, num=512, posFraction=0.25, negPosUb=-1):
    t = Table(rows, 'class')
    for ranked in t.images():
        pos = [i for i in ranked if t.is_fg(i)][: int(num * posFraction)]
        expected_neg = num - len(pos)
        if negPosUb >= 0:
            expected_neg = min(expected_neg, int(negPosUb * max(1, len(pos))))
        t.select(pos)
        t.select([i for i in ranked if not t.is_fg(i)][:expected_neg])
    return t.answer()


def tf_od(rows, numHardExamples=64, nmsThreshold=0.7, rankBy='total', clsWeight=0.05, locWeight=0.06,
          maxNegativesPerPositive=0, minNegativesPerImage=0):
    t = Table(rows, rankBy, (clsWeight, locWeight))
    for ranked in t.images():
        kept, by = nms(rows, ranked, decoded, nmsThreshold)
        t.by.update(by)
        kept = kept[:numHardExamples] if numHardExamples > 0 else kept
        if maxNegativesPerPositive > 0:
            num_pos = sum(t.is_fg(i) for i in kept)
            most = max(minNegativesPerImage, int(maxNegativesPerPositive * num_pos))
            cumulative = np.cumsum([not t.is_fg(i) for i in kept])
            kept = [i for i, c in zip(kept, cumulative) if t.is_fg(i) or c <= most]
        t.select(kept)
    return t.answer()


def ssd(rows, negPosRatio=3.0, negOverlap=0.5):
    t = Table(rows, 'class')
    for ranked in t.images():
        pos = [i for i in ranked if t.is_fg(i)]
        neg = [i for i in ranked if not t.is_fg(i) and rows[i]['iou'] < negOverlap]
        t.select(pos + neg[: int(len(pos) * negPosRatio)])
    return t.answer()


def bootstrap(rows, scoreThreshold=0.5, negOverlap=0.3, rankBy='total'):
    t = Table(rows, rankBy)
    t.select(i for i in t.order
             if t.is_fg(i) or (rows[i]['iou'] < negOverlap and rows[i]['score'] > scoreThreshold))
    return t.answer()


def all_rois(rows, rankBy='total'):
    t = Table(rows, rankBy)
    t.select(t.order)
    return t.answer()


def quotas(rows, low, high, batchSize=128, imagesPerBatch=2, posFraction=0.25, keepRate=None, **_):
    """How many foreground and background RoIs of each image random sampling takes."""
    t, taken = Table(rows), []
    for ranked in t.images():
        budget = batchSize // imagesPerBatch if keepRate is None else keep_rate(len(ranked), keepRate)
        fg = min(int(np.round(posFraction * budget)), sum(t.is_fg(i) for i in ranked))
        bg = [i for i in ranked if not t.is_fg(i) and low <= rows[i]['iou'] < high]
        taken.append([fg, min(budget - fg, len(bg))])
    return {'quotas': taken, 'lossRank': t.answer()['lossRank']}


PRESETS = {
    'paper': (paper, [{}, {'batchSize': 20}, {'batchSize': 7, 'imagesPerBatch': 2}, {'batchSize': 0}, {'nmsThreshold': 0.4, 'batchSize': 16},
                      {'nmsThreshold': 0, 'batchSize': 16}, {'nmsThreshold': 1, 'batchSize': 30}, {'keepRate': 0.29},
                      {'keepRate': 0.001}, {'keepRate': 1}, {'rankBy': 'class', 'batchSize': 20}, {'rankBy': 'box', 'batchSize': 20}]),
    'released-code': (released_code, [{}, {'batchSize': 20}, {'batchSize': 21, 'nmsThreshold': 0.5}, {'keepRate': 0.29}, {'rankBy': 'class', 'batchSize': 9}]),
    'top-b': (top_b, [{}, {'batchSize': 20}, {'batchSize': 1}, {'batchSize': 0}]),
    'top-rate': (top_rate, [{}, {'keepRate': 0.29}, {'keepRate': 0.57}, {'keepRate': 0.58}, {'keepRate': 0.001}, {'keepRate': 1}]),
    'mmdet': (mmdet, [{}, {'num': 20}, {'num': 20, 'negPosUb': 1.5}, {'num': 30, 'posFraction': 0.07, 'negPosUb': 0}, {'num': 0}]),
    'tf-od': (tf_od, [{}, {'numHardExamples': 12}, {'numHardExamples': 0, 'maxNegativesPerPositive': 1}, {'maxNegativesPerPositive': 0.4, 'minNegativesPerImage': 5},
                      {'clsWeight': 1, 'locWeight': 1, 'nmsThreshold': 0.5, 'numHardExamples': 15}, {'rankBy': 'class', 'numHardExamples': 9}, {'rankBy': 'box', 'numHardExamples': 9}]),
    'ssd': (ssd, [{}, {'negPosRatio': 0.5}, {'negOverlap': 0.3}, {'negPosRatio': 0}]),
    'bootstrap': (bootstrap, [{}, {'scoreThreshold': 0.8, 'negOverlap': 0.5}]),
    'all': (all_rois, [{}, {'rankBy': 'class'}]),
    'random': (lambda rows, **o: quotas(rows, -1, 2, **o), [{}, {'batchSize': 20}, {'batchSize': 20, 'posFraction': 0.15}, {'batchSize': 20, 'posFraction': 0.25}, {'keepRate': 0.5}]),
    'bg-lo': (lambda rows, bgLo=0.1, bgHi=0.5, **o: quotas(rows, bgLo, bgHi, **o), [{}, {'batchSize': 20}, {'bgLo': 0.3, 'bgHi': 0.4, 'batchSize': 40}]),
}

TABLES = {
    'two images': make_table(1, 80, 2, False),
    'special numbers': make_table(2, 90, 2, True),
    'hundred': make_table(5, 100, 1, False),
    'three images': make_table(4, 60, 3, True),
    'empty': [],
}


def jsonable(value):
    if isinstance(value, dict):
        return {k: jsonable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


if __name__ == '__main__':
    cases = [
        {'table': name, 'preset': preset, 'options': options, 'expected': function(rows, **options)}
        for name, rows in TABLES.items()
        for preset, (function, configs) in PRESETS.items()
        for options in configs
    ]
    tables = {name: {key: [row[key] for row in rows] for key in TABLES['hundred'][0]} for name, rows in TABLES.items()}
    lines = ',\n'.join(json.dumps(jsonable(case)) for case in cases)
    print('{"numClasses": %d, "tables": %s,\n"cases": [\n%s\n]}' % (K, json.dumps(jsonable(tables)), lines))
