# RoI dump writer of OHEM Lens for torchvision's Faster R-CNN family: dump_rois(model, "losses.jsonl", ["cat", "dog"])
# before training. Every step (or 50th: every=50) writes all proposals, not only sampled ones. 0 is background. MIT licence.
import itertools, json, torch
from torchvision.models.detection.roi_heads import fastrcnn_loss
def dump_rois(model, path, classes, every=1, name=lambda target: str(int(target["image_id"]))):
    file, images, steps = open(path, "w", encoding="utf-8"), [], itertools.count()
    def write(record):  # JSON lacks NaN and Infinity: they go as strings
        print(json.dumps(json.loads(json.dumps(record), parse_constant=str)), file=file, flush=True)
    @torch.no_grad()
    def before(heads, args):  # a read-only pass over every proposal, without dropout
        (features, proposals, sizes, targets), training = args, [m for m in heads.modules() if m.training]
        if not heads.training or next(steps) % every > 0: return
        heads.eval().subsample = lambda labels: [torch.arange(len(each), device=each.device) for each in labels]
        rois, matched, labels, deltas = heads.select_training_samples(proposals, targets)
        del heads.subsample  # the class's own again
        pair = heads.box_predictor(heads.box_head(heads.box_roi_pool(features, rois, sizes)))
        for module in training: module.training = True
        for (h, w), (H, W), t, r, m, y, d, z, p in zip(sizes, images, targets, rois, matched, labels, deltas, *(o.split([len(y) for y in labels]) for o in pair)):
            scale = torch.tensor([W / w, H / h] * 2, device=r.device)  # back to the pixels of the image that the model was given
            gt = [{"box": box, "label": label} for box, label in zip((t["boxes"] * scale).tolist(), t["labels"].tolist())]
            loc = [fastrcnn_loss(z[i:i + 1], p[i:i + 1], [y[i:i + 1]], [d[i:i + 1]])[1].item() if k > 0 else 0 for i, k in enumerate(y.tolist())]
            write({"image": name(t), "width": W, "height": H, "rois": (r * scale).tolist(), "label": y.tolist(), "logits": z.tolist(), "loss_loc": loc, "matched_gt": torch.where(y > 0, m, -1).tolist(), "gt": gt})
    model.transform.register_forward_hook(lambda module, args, output: images.__setitem__(slice(None), [i.shape[-2:] for i in args[0]]))
    model.roi_heads.register_forward_pre_hook(before)
    write({"ohem_dump": 1, "task": "detection", "classes": list(classes), "background": 0, "activation": "softmax"})
