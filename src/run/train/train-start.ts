/** What a training starts from: a network's numbers and classes, new or out of a checkpoint. */
import { join } from 'node:path';
import type { FastRcnnContract } from '../../checkpoint/families/fast-rcnn/fast-rcnn-contract.js';
import { MiningError, show } from '../../core/mining-error.js';
import { FAST_RCNN_WEIGHTS } from '../../core/boxes/box-coding.js';
import { loadLayers } from '../../train/network/load-network.js';
import type { NetworkSpec } from '../../train/network/network-spec.js';
import { newHead } from '../../train/network/network.js';
import type { TrainedNetwork } from '../../train/trainer.js';
import type { TrainConfig } from './train-config.js';
import { trainable } from './trainable.js';

export interface TrainStart {
  readonly spec: NetworkSpec;
  readonly classes: readonly string[];
  /** null: drawn from the seed. */
  readonly network: TrainedNetwork | null;
}

/** Stride of the network that is built here. */
const STRIDE = 8;

/**
 * A new network for the data set's classes, or `init`'s: its head is kept where it knows all of them, else a new one is
 * put on its body.
 * @throws MiningError 'checkpoint' for an `init` that cannot be trained; 'options' where a frozen body has none.
 */
export async function startOf(config: TrainConfig, datasetClasses: readonly string[]): Promise<TrainStart> {
  if (config.init === undefined) {
    if (config.frozenBody)
      throw new MiningError('options', 'init', 'a checkpoint whose body is to be frozen', 'nothing');
    return { spec: newSpec(config, datasetClasses.length), classes: datasetClasses, network: null };
  }
  const { folder, file, contract } = await trainable(config.init);
  const knowsAll = datasetClasses.every((name) => contract.classes.includes(name));
  const classes = knowsAll ? contract.classes : datasetClasses;
  const isKept = knowsAll && !config.newHead;
  const body = await loadLayers(join(folder, contract.body.file), 3);
  const spec = {
    ...specOf(contract, config, classes.length, file),
    features: body.outputs[0]?.shape[3] ?? config.network.features,
  };
  const head = isKept
    ? await loadLayers(join(folder, contract.head.file), 2)
    : newHead(spec, config.classLoss, config.seed + 1000);
  return { spec, classes, network: { body, head } };
}

function newSpec({ network: { anchors, ...numbers } }: TrainConfig, numClasses: number): NetworkSpec {
  return { ...numbers, anchors: { stride: STRIDE, ...anchors }, numClasses, deltaWeights: FAST_RCNN_WEIGHTS };
}

function specOf(contract: FastRcnnContract, { network }: TrainConfig, numClasses: number, file: string): NetworkSpec {
  const { mean: means, std: stds, resize, channels, pad } = contract.preprocess;
  const [mean] = means;
  const [std] = stds;
  if (resize !== 'letterbox' || channels !== 'rgb' || means.some((m) => m !== pad) || stds.some((s) => s !== std)) {
    throw new MiningError(
      'checkpoint',
      'contract.preprocess',
      'letterbox, rgb, one mean (the padding) and one std',
      show(contract.preprocess, 200),
      { file },
    );
  }
  return {
    ...network,
    mean,
    std,
    numClasses,
    inputWidth: contract.input.width,
    inputHeight: contract.input.height,
    anchors: contract.anchors,
    proposals: contract.proposals,
    pooledSize: contract.pooling.size,
    samplingRatio: contract.pooling.samplingRatio,
    deltaWeights: contract.deltaWeights,
  };
}
