# RoI dump writer of OHEM Lens for Ultralytics: YOLO("best.pt").val(data="my.yaml", validator=dumping("losses.jsonl")). MIT licence.
import json, torch, torchvision
from ultralytics.models.yolo.detect import DetectionValidator
from ultralytics.utils.ops import scale_boxes, xywh2xyxy
def dumping(path):  # STAND-IN losses, as the public API gives none per RoI: cross-entropy of validation predictions labelled by IoU >= .5
    file = open(path, "w", encoding="utf-8")
    def write(record):  # JSON lacks NaN and Infinity: they go as strings
        print(json.dumps(json.loads(json.dumps(record), parse_constant=str)), file=file, flush=True)
    class Dumping(DetectionValidator):
        def preprocess(self, batch):
            self.now = super().preprocess(batch)
            return self.now
        def postprocess(self, preds):
            now, K, rows = self.now, len(self.names), (preds if torch.is_tensor(preds) else preds[0]).cpu().double().mT
            if rows.shape[2] != 4 + K: raise ValueError(f"{tuple(rows.shape)} is not (images, predictions, 4 + {K}): an end-to-end head?")
            if file.tell() == 0: write({"ohem_dump": 1, "task": "detection", "classes": [self.names[k] for k in range(K)], "background": K})
            owner, classes, places, (h, w) = *(now[key].cpu() for key in ("batch_idx", "cls", "bboxes")), now["img"].shape[2:]
            for i, (row, name, (H, W), pad) in enumerate(zip(rows, now["im_file"], now["ori_shape"], now["ratio_pad"])):
                p, known = row[:, 4:], torch.cat([classes[owner == i].flatten(), torch.tensor([K])]).long()
                boxes, gts = (scale_boxes((h, w), xywh2xyxy(b), (H, W), pad) for b in (row[:, :4], places[owner == i] * torch.tensor([w, h, w, h])))
                iou, at = torch.cat([torchvision.ops.box_iou(boxes, gts), torch.zeros(len(row), 1)], 1).max(1)  # the last column: no object
                loss = torch.nn.functional.binary_cross_entropy(p.clamp(1e-12, 1 - 1e-12), torch.eye(K + 1, K).double()[label := known[at].where(iou >= .5, K)], reduction="none").sum(1)
                write({"image": name, "width": W, "height": H, "rois": boxes.tolist(), "label": label.tolist(), "loss_cls": loss.tolist(), "score": p.amax(1).tolist(), "pred_label": p.argmax(1).tolist(), "iou": iou.tolist(), "gt": [{"box": b, "label": k} for b, k in zip(gts.tolist(), known.tolist())]})
            return super().postprocess(preds)
    return Dumping
