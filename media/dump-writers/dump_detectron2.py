# RoI dump writer of OHEM Lens for detectron2's StandardROIHeads: dump_rois(trainer.model, "losses.jsonl", ["cat", "dog"])
# before training. Every step then writes all proposals, not only the sampled ones. Label K is background. MIT licence.
import json, torch
from detectron2.utils.events import EventStorage
def dump_rois(model, path, classes):
    file, inputs = open(path, "w", encoding="utf-8"), []
    def write(record):  # JSON lacks NaN and Infinity: they go as strings
        print(json.dumps(json.loads(json.dumps(record), parse_constant=str)), file=file, flush=True)
    @torch.no_grad()
    def before(heads, args):  # a read-only pass over every proposal, without dropout; neither its metrics nor its random numbers touch the training
        (_, features, proposals, targets), training, size = args, [m for m in heads.modules() if m.training], heads.batch_size_per_image
        if not heads.training: return
        with EventStorage(), torch.random.fork_rng():
            heads.eval().batch_size_per_image = 1 << 30
            rois = heads.label_and_sample_proposals(proposals, targets)
            pair = heads.box_predictor(heads.box_head(heads.box_pooler([features[f] for f in heads.box_in_features], [r.proposal_boxes for r in rois])))
            for x, t, r, z, p in zip(inputs, targets, rois, *(o.split([len(r) for r in rois]) for o in pair)):
                own = lambda i: heads.box_predictor.losses((z[i:i + 1], p[i:i + 1]), [r[i:i + 1]])["loss_box_reg"].item()
                scale = torch.tensor([x["width"] / r.image_size[1], x["height"] / r.image_size[0]] * 2, device=z.device)  # to the file's pixels
                gt = [{"box": box, "label": label} for box, label in zip((t.gt_boxes.tensor * scale).tolist(), t.gt_classes.tolist())]
                write({"image": x["file_name"], "width": x["width"], "height": x["height"], "rois": (r.proposal_boxes.tensor * scale).tolist(), "label": r.gt_classes.tolist(), "logits": z.tolist(), "loss_loc": [own(i) if y < len(classes) else 0 for i, y in enumerate(r.gt_classes.tolist())], "gt": gt})
        heads.batch_size_per_image, _ = size, [setattr(m, "training", True) for m in training]
    model.register_forward_pre_hook(lambda module, args: inputs.__setitem__(slice(None), args[0]))
    model.roi_heads.register_forward_pre_hook(before)
    write({"ohem_dump": 1, "task": "detection", "classes": list(classes), "background": len(classes), "activation": "softmax"})
