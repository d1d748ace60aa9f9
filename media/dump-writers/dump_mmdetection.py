# RoI dump writer of OHEM Lens for MMDetection 3's StandardRoIHead: dump_rois(model, "losses.jsonl", ["cat", "dog"]) before
# training. Every step then writes all proposals, not only the sampled ones. Label K is background. MIT licence.
import json, torch
from mmdet.models.task_modules.samplers import PseudoSampler
from mmdet.structures.bbox import bbox2roi, get_box_tensor
def dump_rois(model, path, classes):
    heads, train, file = model.roi_head, model.roi_head.loss, open(path, "w", encoding="utf-8")
    def write(record):  # JSON lacks NaN and Infinity: they go as strings
        print(json.dumps(json.loads(json.dumps(record), parse_constant=str)), file=file, flush=True)
    @torch.no_grad()
    def dump(x, p, s):  # a read-only pass over every proposal of an image; the losses are the head's own, unreduced
        given, scale = (type(p)(priors=p.bboxes), s.gt_instances), torch.tensor([*s.get("scale_factor", (1, 1))] * 2, device=x[0].device)
        rows = PseudoSampler().sample(heads.bbox_assigner.assign(*given, s.get("ignored_instances")), *given)  # foreground first
        out = heads._bbox_forward(x, rois := bbox2roi([rows.priors]))
        got = heads.bbox_head.loss_and_target(out["cls_score"], out["bbox_pred"], rois, [rows], heads.train_cfg, reduction_override="none")
        label, fg, cls, loc = got["bbox_targets"][0].tolist(), len(rows.pos_inds), got["loss_bbox"]["loss_cls"], got["loss_bbox"]["loss_bbox"]
        gt = [{"box": box, "label": y} for box, y in zip((get_box_tensor(s.gt_instances.bboxes) / scale).tolist(), s.gt_instances.labels.tolist())]
        write({"image": s.img_path, "width": s.ori_shape[1], "height": s.ori_shape[0], "rois": (rois[:, 1:] / scale).tolist(), "label": label, "logits": out["cls_score"].tolist(), "loss_cls": cls.reshape(len(label), -1).sum(1).tolist(), "loss_loc": [*(loc.reshape(fg, -1).sum(1).tolist() if fg else []), *[0] * (len(label) - fg)], "gt": gt})
    def loss(x, proposals, samples):
        training, _ = [m for m in heads.modules() if m.training], heads.eval()  # no dropout in the read-only pass
        for i, (p, s) in enumerate(zip(proposals, samples)): dump([level[i:i + 1] for level in x], p, s)
        for module in training: module.training = True
        return train(x, proposals, samples)
    heads.loss = loss
    write({"ohem_dump": 1, "task": "detection", "classes": list(classes), "background": len(classes), "activation": "sigmoid" if heads.bbox_head.loss_cls.use_sigmoid else "softmax"})
