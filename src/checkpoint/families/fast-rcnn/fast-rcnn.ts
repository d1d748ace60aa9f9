/**
 * The Fast R-CNN family with its own proposal stage: two graphs, and between them proposals and RoIAlign computed here,
 * exactly and on any backend.
 *
 * Source: Faster R-CNN (arXiv 1506.01497), RoIAlign of Mask R-CNN (arXiv 1703.06870).
 */
import { dirname, join } from 'node:path';
import { anchorsPerCell, generateAnchors } from '../../../core/boxes/anchors.js';
import { decodeDeltas } from '../../../core/boxes/box-coding.js';
import { FAST_RCNN_MEASURE } from '../../../core/measure/measure-config.js';
import type { DetectorOutput, ScoreForm } from '../../../core/losses/detector-output.js';
import type { Graph, RgbImage, Tensor } from '../../../core/graph.js';
import { MiningError } from '../../../core/mining-error.js';
import { said } from '../../../core/said.js';
import { selectProposals } from '../../../core/boxes/proposals.js';
import { roiAlign } from '../../../core/boxes/roi-align.js';
import type { Boxes } from '../../../core/tables.js';
import type { Detector, FeatureSource, LoadGraph } from '../../detector.js';
import { averageAt, type FeatureMap } from '../features.js';
import { describeOutput, takeOutput, type FolderFamily, type Outputs } from '../family.js';
import {
  checkFastRcnnContract,
  FAST_RCNN_EXAMPLE,
  fastRcnnSchema,
  type FastRcnnContract,
} from './fast-rcnn-contract.js';
import { hashFiles } from '../../files/locate.js';
import { makePreprocessor, type Placement, type Preprocessor } from '../../pixels/preprocess.js';
import { MAX_BYTES, readText } from '../../../files/reading.js';

const SCORE_FORM: ScoreForm = { activation: 'softmax', given: 'logits' };

export const fastRcnn: FolderFamily = {
  kind: 'folder-detector',
  id: 'fast-rcnn',
  title: "the project's two-stage detector",
  docs: {
    recognisedBy: 'its contract',
    input: 'as the contract says',
    ranked: 'every proposal; labels by maximum IoU',
  },
  example: FAST_RCNN_EXAMPLE,
  contract: fastRcnnSchema,
  measureDefaults: FAST_RCNN_MEASURE,
  async locate(contractPath, contract) {
    const checked = checkFastRcnnContract(contract, contractPath);
    const folder = dirname(contractPath);
    const graphs = [join(folder, checked.body.file), join(folder, checked.head.file)];
    const shards = await Promise.all(graphs.map((graph) => weightFiles(graph, checked.format)));
    return {
      path: contractPath,
      format: checked.format,
      sha256: await hashFiles([contractPath, ...graphs, ...shards.flat()]),
      open: (load) => openFastRcnn(checked, folder, load),
    };
  },
};

/** Weight shards that a tfjs model names; broken JSON is left to the engine, which says more about it. */
async function weightFiles(path: string, format: FastRcnnContract['format']): Promise<string[]> {
  if (format === 'onnx') return [];
  const text = await readText(path, MAX_BYTES).catch((error: unknown) => {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : String(error);
    throw new MiningError('checkpoint', 'path', 'a readable model', reason, { file: path });
  });
  try {
    const manifest = (JSON.parse(text) as { weightsManifest?: { paths?: string[] }[] }).weightsManifest ?? [];
    return manifest.flatMap((group) => group.paths ?? []).map((name) => join(dirname(path), name));
  } catch {
    return [];
  }
}

async function openFastRcnn(contract: FastRcnnContract, folder: string, load: LoadGraph): Promise<Detector> {
  const body = await load(join(folder, contract.body.file), contract.format);
  let head: Graph | null = null;
  try {
    head = await load(join(folder, contract.head.file), contract.format);
    return bindFastRcnn(contract, body, head);
  } catch (error) {
    body.dispose();
    head?.dispose();
    throw error;
  }
}

/**
 * Binds loaded graphs.
 * @throws MiningError 'checkpoint' when a graph does not have one input or lacks an output of the contract.
 */
export function bindFastRcnn(contract: FastRcnnContract, body: Graph, head: Graph): Detector {
  checkGraph(body, contract.body.file, [contract.body.features, contract.body.objectness, contract.body.deltas]);
  checkGraph(head, contract.head.file, [contract.head.logits, contract.head.deltas]);
  const { width, height } = contract.input;
  const preprocessor = makePreprocessor(contract.preprocess, { width, height, layout: 'nhwc' });
  const stages = new Stages(contract, body, head, preprocessor);
  return {
    family: contract.family,
    classes: contract.classes,
    numClasses: contract.classes.length,
    classMap: contract.classMap ?? {},
    inputWidth: width,
    inputHeight: height,
    scoreForm: SCORE_FORM,
    measureDefaults: FAST_RCNN_MEASURE,
    notes: [said`classes from contract`],
    detect: (image) => stages.detect(image),
    features: () => Promise.resolve(featuresOf(stages, contract)),
    dispose() {
      body.dispose();
      head.dispose();
    },
  };
}

/** The head's own pooled features, averaged over its bins. */
function featuresOf(stages: Stages, { body, pooling }: FastRcnnContract): FeatureSource {
  return {
    name: body.features,
    async at(image, boxes) {
      const { features, place } = await stages.look(image);
      return averageAt(features, boxes, place, pooling.size * pooling.samplingRatio);
    },
    dispose: () => undefined,
  };
}

function checkGraph(graph: Graph, file: string, outputs: readonly string[]): void {
  const names = graph.outputs.map((output) => output.name);
  const missing = outputs.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new MiningError('checkpoint', 'outputs', outputs.join(', '), names.join(', '), { file });
  if (graph.inputs.length !== 1)
    throw new MiningError('checkpoint', 'inputs', 'one', String(graph.inputs.length), { file });
}

interface Look {
  readonly outputs: Outputs;
  readonly features: FeatureMap;
  readonly place: Placement;
}

/** Body, proposals, pooling and head, one after the other. */
class Stages {
  readonly #contract: FastRcnnContract;
  readonly #body: Graph;
  readonly #head: Graph;
  readonly #preprocessor: Preprocessor;
  #anchors: { readonly height: number; readonly width: number; readonly boxes: Boxes } | null = null;

  constructor(contract: FastRcnnContract, body: Graph, head: Graph, preprocessor: Preprocessor) {
    this.#contract = contract;
    this.#body = body;
    this.#head = head;
    this.#preprocessor = preprocessor;
  }

  async detect(image: RgbImage): Promise<DetectorOutput> {
    const { outputs, features, place } = await this.look(image);
    const proposals = this.#propose(outputs, features, place);
    return this.#judge(features, proposals, place, image);
  }

  /** What the body makes of an image. */
  async look(image: RgbImage): Promise<Look> {
    const { input } = this.#contract;
    const data = new Float32Array(input.width * input.height * 3);
    const place = this.#preprocessor.write(image, data);
    const outputs = await this.#body.run(feedOf(this.#body, { shape: [1, input.height, input.width, 3], data }));
    return { outputs, features: this.#features(outputs), place };
  }

  #features(outputs: Outputs): FeatureMap {
    const tensor = outputs[this.#contract.body.features];
    const [batch, height, width, channels] = tensor?.shape ?? [];
    const valid =
      tensor?.data instanceof Float32Array &&
      tensor.shape.length === 4 &&
      batch === 1 &&
      tensor.data.length === height * width * channels;
    if (!valid) {
      throw new MiningError(
        'checkpoint',
        said`output ${this.#contract.body.features}`,
        'float32 [1,H,W,F]',
        tensor ? describeOutput(tensor) : 'nothing',
      );
    }
    return { height, width, channels, data: tensor.data };
  }

  /** Proposals in input px, clipped to where the image lies. */
  #propose(outputs: Outputs, { height, width }: FeatureMap, place: Placement): Boxes {
    const { body, anchors, proposals } = this.#contract;
    const perCell = anchorsPerCell(anchors);
    const objectness = takeOutput(outputs, body.objectness, [1, height, width, perCell]);
    const deltas = takeOutput(outputs, body.deltas, [1, height, width, 4 * perCell]);
    if (this.#anchors?.height !== height || this.#anchors.width !== width) {
      this.#anchors = { height, width, boxes: generateAnchors(height, width, anchors) };
    }
    return selectProposals(objectness, deltas, this.#anchors.boxes, place.widthPx, place.heightPx, proposals).boxes;
  }

  async #judge(features: FeatureMap, proposals: Boxes, place: Placement, image: RgbImage): Promise<DetectorOutput> {
    const { head, classes, deltaWeights } = this.#contract;
    const numRois = proposals.x1.length;
    const outputs = numRois === 0 ? null : await this.#head.run(feedOf(this.#head, this.#pool(features, proposals)));
    const scores =
      outputs === null ? new Float32Array(0) : takeOutput(outputs, head.logits, [numRois, classes.length + 1]);
    const deltas = outputs === null ? new Float32Array(0) : takeDeltas(outputs, head.deltas, numRois, classes.length);
    const regions = scaled(proposals, 1 / place.scaleX, 1 / place.scaleY);
    const byClass = deltas.length > numRois * 4;
    const decoded = decodeDeltas(
      regions,
      deltas,
      deltaWeights,
      byClass ? bestClasses(scores, numRois, classes.length) : null,
    );
    return {
      numRois,
      numClasses: classes.length,
      regions,
      preds: clipped(decoded, image.width, image.height),
      scoreForm: SCORE_FORM,
      scores,
      objectness: null,
      deltas,
      deltaWeights,
      grid: null,
    };
  }

  #pool(features: FeatureMap, proposals: Boxes): Tensor {
    const { pooling, anchors } = this.#contract;
    const options = {
      pooledSize: pooling.size,
      samplingRatio: pooling.samplingRatio,
      spatialScale: 1 / anchors.stride,
    };
    const data = roiAlign(features.data, features.height, features.width, features.channels, proposals, options);
    return { shape: [proposals.x1.length, pooling.size, pooling.size, features.channels], data };
  }
}

function feedOf(graph: Graph, tensor: Tensor): Record<string, Tensor> {
  return { [graph.inputs[0].name]: tensor };
}

/** Class-agnostic or by class, whichever the head gives. */
function takeDeltas(outputs: Outputs, name: string, numRois: number, numClasses: number): Float32Array {
  const width = outputs[name]?.shape[1];
  return takeOutput(outputs, name, [numRois, width === 4 * numClasses ? width : 4]);
}

/** Best foreground class of each row of logits with the background last, [0, K). */
export function bestClasses(logits: Float32Array, numRois: number, numClasses: number): Int32Array {
  return new Int32Array(numRois).map((_, row) => {
    let best = 0;
    for (let k = 1; k < numClasses; k++)
      if (logits[row * (numClasses + 1) + k] > logits[row * (numClasses + 1) + best]) best = k;
    return best;
  });
}

function scaled({ x1, y1, x2, y2 }: Boxes, x: number, y: number): Boxes {
  return {
    x1: x1.map((value) => value * x),
    y1: y1.map((value) => value * y),
    x2: x2.map((value) => value * x),
    y2: y2.map((value) => value * y),
  };
}

/** Boxes clipped to the image, float32; NaN passes through. */
function clipped({ x1, y1, x2, y2 }: Boxes, width: number, height: number): Boxes {
  const clip = (values: Boxes['x1'], most: number) =>
    Float32Array.from(values, (value) => Math.min(Math.max(value, 0), most));
  return { x1: clip(x1, width), y1: clip(y1, height), x2: clip(x2, width), y2: clip(y2, height) };
}
