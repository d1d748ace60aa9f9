/** Features of a checkpoint from the tensors that hold them. */
import type { GraphNode, Tensor } from '../../core/graph.js';
import { roiAlign } from '../../core/boxes/roi-align.js';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import type { Boxes } from '../../core/tables.js';
import type { FeatureRows } from '../detector.js';
import { describeOutput } from './family.js';
import { tensorsBeforeHead } from './graph-walk.js';
import type { InputForm, Placement } from '../pixels/preprocess.js';

/** H * W * C numbers, row-major [H, W, C]. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Samples along each side of a box: those of the usual head, 7 bins of 2. */
export const BOX_SAMPLES = 14;

/**
 * The average of a feature map over each box: RoIAlign of one bin, which is the mean over the bins of one with more.
 * @param boxes image px.
 * @param samples along each side.
 */
export function averageAt(map: FeatureMap, boxes: Boxes, place: Placement, samples = BOX_SAMPLES): FeatureRows {
  const { height, width, channels, data } = map;
  const [cellsX, cellsY] = [width / place.inputWidth, height / place.inputHeight];
  const x = (value: number) => (value * place.scaleX + place.left) * cellsX;
  const y = (value: number) => (value * place.scaleY + place.top) * cellsY;
  const cells = { x1: boxes.x1.map(x), y1: boxes.y1.map(y), x2: boxes.x2.map(x), y2: boxes.y2.map(y) };
  const options = { pooledSize: 1, spatialScale: 1, samplingRatio: samples };
  return { size: channels, data: roiAlign(data, height, width, channels, cells, options) };
}

/**
 * A tensor as a map of the input; of the two layouts the input's own first.
 * @throws MiningError 'checkpoint' where it is none.
 */
export function featureMapOf(tensor: Tensor | undefined, name: string, input: InputForm): FeatureMap {
  const [batch = 0, a = 0, b = 0, c = 0] = tensor?.shape ?? [];
  const layouts = [
    { isNchw: true, channels: a, height: b, width: c },
    { isNchw: false, channels: c, height: a, width: b },
  ];
  const found = (input.layout === 'nchw' ? layouts : layouts.reverse()).find((map) => isMapOf(map, input));
  const data = tensor?.data;
  const isMap = tensor?.shape.length === 4 && batch === 1 && data instanceof Float32Array;
  if (!isMap || found === undefined || data.length !== a * b * c) throw noFeatures(name, tensor, mapWords(input));
  const { isNchw, ...size } = found;
  return { ...size, data: isNchw ? channelsLast(data, size) : data };
}

/**
 * The vector of a whole image: as it is, or the average of a map.
 * @throws MiningError 'checkpoint' where it is neither.
 */
export function wholeFeatures(tensor: Tensor | undefined, name: string, input: InputForm): Float32Array {
  const sizes = tensor?.shape.filter((size) => size !== 1) ?? [];
  if (tensor?.data instanceof Float32Array && sizes.length === 1 && tensor.data.length === sizes[0]) return tensor.data;
  if (tensor?.shape.length !== 4) throw noFeatures(name, tensor, said`float32 [1,F], or ${mapWords(input)}`);
  const { channels, data } = featureMapOf(tensor, name, input);
  const mean = new Float32Array(channels);
  const cells = data.length / channels;
  data.forEach((value, i) => (mean[i % channels] = (mean[i % channels] ?? 0) + value / cells));
  return mean;
}

/**
 * Nothing names the features of a checkpoint.
 * @param outputs names of its graph's.
 */
export function unnamedFeatures(path: string, nodes: readonly GraphNode[], outputs: readonly string[]): MiningError {
  const [first = 'TENSOR', ...others] = tensorsBeforeHead(nodes, outputs);
  const write = said`Write "features": ${JSON.stringify(first)} into its contract, NAME.ohem.json beside it`;
  const todo = others.length === 0 ? write : said`${write}; others that may serve: ${others.join(', ')}`;
  const expected = 'a contract that names the inner tensor which holds its features';
  return new MiningError('checkpoint', 'contract.features', expected, 'none', { file: path, todo });
}

/** As large as the input along both axes, within the rounding of a cell. */
function isMapOf({ width, height }: { readonly width: number; readonly height: number }, input: InputForm): boolean {
  if (width < 1 || width > input.width || height < 1) return false;
  return Math.abs((input.height * width) / input.width - height) <= 1;
}

function channelsLast(data: Float32Array, { height, width, channels }: Omit<FeatureMap, 'data'>): Float32Array {
  const plane = height * width;
  const turned = new Float32Array(data.length);
  data.forEach((value, i) => (turned[(i % plane) * channels + Math.floor(i / plane)] = value));
  return turned;
}

function mapWords({ width, height }: InputForm): Phrase {
  return said`a map of the ${width} x ${height} input, float32 [1,C,H,W] or [1,H,W,C]`;
}

function noFeatures(name: string, tensor: Tensor | undefined, expected: Phrase): MiningError {
  const received = tensor === undefined ? 'nothing' : describeOutput(tensor);
  const todo = 'Name another inner tensor as "features" in the contract';
  return new MiningError('checkpoint', said`tensor ${name}`, expected, received, { todo });
}
