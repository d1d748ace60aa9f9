import type { MiningConfig } from '../../../core/mining/mining-options.js';
import { presetText } from '../../../core/mining/select.js';
import type { FolderFormat } from '../export-format.js';
import { DETECTRON2, TORCHVISION } from './sampler-snippets.js';

/**
 * The mining configuration for trainings elsewhere: what MMDetection and the TensorFlow Object Detection API call it,
 * and the few lines that torchvision and detectron2 need. Each file says where it differs from the preset.
 * Sources: mmdetection's OHEMSampler; TF-OD's protos/losses.proto (HardExampleMiner); the presets' own.
 */
export const samplerConfigExport: FolderFormat = {
  id: 'sampler-config',
  title: 'Sampler configurations of detector frameworks',
  holds: "MMDetection's `OHEMSampler`, TF-OD's `hard_example_miner`, snippets for torchvision and detectron2",
  extension: null,
  async *files({ mining }) {
    yield { path: 'mmdetection.py', content: mmdetection(mining) };
    yield { path: 'tf_object_detection.config', content: tfObjectDetection(mining) };
    for (const [name, snippet] of [
      ['torchvision_ohem.py', TORCHVISION],
      ['detectron2_ohem.py', DETECTRON2],
    ] as const)
      yield { path: name, content: `# ${wordsOf(mining)}\n${snippet(imageBudgetOf(mining), mining.nmsThreshold)}` };
  },
};

/** RoIs of an image: the preset's own number, else floor(B / N). */
function imageBudgetOf({ preset, num, batchSize, imagesPerBatch }: MiningConfig): number {
  return preset === 'mmdet' ? num : Math.max(Math.floor(batchSize / imagesPerBatch), 1);
}

function wordsOf(mining: MiningConfig): string {
  const rate = mining.keepRate === null ? '' : `; its keep rate has no counterpart, B/N stands for it`;
  return `Of preset ${presetText(mining)}${rate}.`;
}

function mmdetection(mining: MiningConfig): string {
  const differs = mining.preset === 'mmdet' ? '' : '\n# It has quotas and no mining NMS.';
  return `# ${wordsOf(mining)}${differs}
# Goes into the configuration of a two-stage detector (MMDetection 3).
model = dict(
    train_cfg=dict(
        rcnn=dict(
            sampler=dict(
                type="OHEMSampler",
                num=${imageBudgetOf(mining)},
                pos_fraction=${mining.posFraction},
                neg_pos_ub=${mining.negPosUb},
                add_gt_as_proposals=True,
            )
        )
    )
)
`;
}

const LOSS_TYPES = { total: 'BOTH', class: 'CLASSIFICATION', box: 'LOCALIZATION' } as const;

function tfObjectDetection(mining: MiningConfig): string {
  const { preset, numHardExamples, maxNegativesPerPositive, minNegativesPerImage, nmsThreshold, rankBy } = mining;
  const isOwn = preset === 'tf-od';
  return `# ${wordsOf(mining)}
# Goes into model { ssd { loss { } } } of a pipeline.config; 0 is no limit.
hard_example_miner {
  num_hard_examples: ${isOwn ? numHardExamples : imageBudgetOf(mining)}
  iou_threshold: ${nmsThreshold}
  loss_type: ${LOSS_TYPES[rankBy]}
  max_negatives_per_positive: ${isOwn ? maxNegativesPerPositive : 0}
  min_negatives_per_image: ${isOwn ? minNegativesPerImage : 0}
}
`;
}
