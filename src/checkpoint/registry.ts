/** Every family of checkpoints: what each is, its contract and its row in docs/checkpoints.md follow from this list. */
import type { Task } from '../core/tables.js';
import { show } from '../core/mining-error.js';
import { said } from '../core/said.js';
import { classifier } from './classifier/classifier.js';
import type { FolderFamily, GraphFamily } from './families/family.js';
import { fastRcnn } from './families/fast-rcnn/fast-rcnn.js';
import { contractError, type ContractFile } from './files/contract.js';
import { damo } from './families/damo.js';
import { detr } from './families/detr/detr.js';
import { generic } from './families/generic.js';
import { nanodet } from './families/nanodet.js';
import { ppYoloe } from './families/pp-yoloe.js';
import { rfDetr } from './families/detr/rf-detr.js';
import { rtDetr } from './families/detr/rt-detr.js';
import { ssd } from './families/ssd.js';
import { tfOd } from './families/tf-od.js';
import {
  torchvisionFcos,
  torchvisionRcnn,
  torchvisionRetinaNet,
  torchvisionSsd,
} from './families/torchvision/torchvision.js';
import { ultralyticsRtDetr } from './families/detr/ultralytics-rtdetr.js';
import { yoloNas } from './families/yolo-nas.js';
import { yolov5 } from './families/yolov5.js';
import { yolov6 } from './families/yolov6.js';
import { yolov8 } from './families/yolov8.js';
import { yolox } from './families/yolox.js';

export type Family = GraphFamily | FolderFamily | typeof classifier;

/**
 * Those of one graph are tried in this order where no contract names one, that of a sidecar first. Of look-alikes the
 * one that asks for more stands first.
 */
export const FAMILIES: readonly Family[] = [
  yolov8,
  yolov6,
  yolox,
  yolov5,
  nanodet,
  detr,
  rtDetr,
  rfDetr,
  tfOd,
  ssd,
  ppYoloe,
  yoloNas,
  damo,
  ultralyticsRtDetr,
  torchvisionRcnn,
  torchvisionSsd,
  torchvisionRetinaNet,
  torchvisionFcos,
  generic,
  fastRcnn,
  classifier,
];

export const DETECTORS: readonly (GraphFamily | FolderFamily)[] = FAMILIES.filter(
  (family) => family.kind !== 'classifier',
);

/** Detectors of one graph, which their tensors can tell. */
export const GRAPH_DETECTORS: readonly GraphFamily[] = FAMILIES.filter((family) => family.kind === 'graph-detector');

/** What a family's checkpoints are for. */
export function taskOf({ kind }: Family): Task {
  return kind === 'classifier' ? 'classification' : 'detection';
}

/** Families whose contract may be embedded in their graph. */
export const ONE_GRAPH_FAMILIES = FAMILIES.filter((family) => family.kind !== 'folder-detector');

/**
 * The family that a contract names, among `families` for a task.
 * @throws MiningError 'checkpoint' listing them where it is none of them.
 */
export function familyOf<F extends Family>(families: readonly F[], file: ContractFile, task: Task): F {
  const fitting = families.filter((family) => taskOf(family) === task);
  const found = fitting.find((family) => family.id === file.contract.family);
  if (found !== undefined) return found;
  const expected = said`one of ${fitting.map((family) => family.id).join(', ')} for ${task}`;
  throw contractError(file, ['family'], expected, show(file.contract.family));
}
