/** From a loaded graph to a detector: find its input, run it once over a made-up image, ask the families. */
import type { Graph, RgbImage } from '../core/graph.js';
import { MiningError, show } from '../core/mining-error.js';
import { said, type Phrase } from '../core/said.js';
import type { Detector, FeatureSource } from './detector.js';
import { averageAt, featureMapOf, unnamedFeatures } from './families/features.js';
import { detectionsIn, isClassifier, isUndecodedYolo } from './families/detections.js';
import { describeOutput, type Decoder, type GraphFamily, type Hints, type Outputs } from './families/family.js';
import { checkNames, type ClassNames } from './sidecars/class-names.js';
import type { GraphContract } from './files/contract.js';
import { candidateOutputs, tensorsBeforeChoice } from './inner-tensors.js';
import { firstOfBatch, imageInputOf, type ImageInput, type Size } from './image-input.js';
import {
  makePreprocessor,
  mergeSpec,
  type InputForm,
  type Preprocessor,
  type PreprocessSpec,
} from './pixels/preprocess.js';
import { GRAPH_DETECTORS } from './registry.js';
import type { Sidecar } from './sidecars/sidecar.js';

const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** What is known of a checkpoint beside its graph. */
export interface Knowledge {
  /** Checked by its family, which is then the only one that is tried. */
  readonly contract: GraphContract | null;
  /** Its family goes first. */
  readonly sidecar: Sidecar | null;
  readonly names: ClassNames | null;
}

/**
 * Binds a graph. Costs one forward, which also warms the backend up.
 * @param path the model file, named in errors.
 * @param reload opens it again, with inner tensors as its outputs.
 * @throws MiningError 'checkpoint' when no family fits (its outputs are listed), when there are detections instead of
 * candidates, or names do not match the outputs.
 */
export async function bindDetector(
  graph: Graph,
  path: string,
  knowledge: Knowledge,
  reload: Reload,
): Promise<Detector> {
  const { contract, sidecar, names } = knowledge;
  const families = familiesFor(knowledge, path);
  refuseTask(sidecar, path);
  const size = families[0].defaultSizePx;
  const asked = [contract?.input, sidecar?.input, { width: size, height: size }];
  const input = imageInputOf(graph, path, contract, asked);
  checkScale(input, contract, path);
  const { takesBytes } = input;
  const inner = contract?.outputs ?? null;
  const hints = { contract, sidecar, numClasses: names?.names.length ?? null, takesBytes, inner };
  const binding: Binding = { path, names, input, families, hints };
  const found = (await bindRawHead(graph, binding, reload)) ?? (await bindOutputs(graph, binding, reload));
  const detector = detectorOf(found.graph, input, found, { ...knowledge, path, reload });
  if (found.graph !== graph) graph.dispose();
  return detector;
}

interface Binding {
  readonly path: string;
  readonly names: ClassNames | null;
  readonly input: ImageInput;
  readonly families: readonly GraphFamily[];
  readonly hints: Hints;
}

interface Match {
  readonly family: GraphFamily;
  readonly decoder: Decoder;
}

/** The first family that takes the outputs. */
function match(outputs: Outputs, { input, families, hints }: Binding): Match | null {
  for (const family of families) {
    const decoder = family.match(outputs, input.form, hints);
    if (decoder !== null) return { family, decoder };
  }
  return null;
}

type Reload = (outputs: readonly string[]) => Promise<Graph>;
/** Where a graph is from. */
interface Origin {
  readonly path: string;
  readonly reload: Reload;
}
/** A match, and the graph whose outputs it takes: the one that was opened, or one with inner tensors as its outputs. */
type BoundGraph = Match & { readonly graph: Graph };

/**
 * The first head that a family finds inside the graph by how its nodes hang together, and takes. The graph itself is
 * not run: where nothing is detected, some exports fail.
 * Cost: opens the graph once more and runs that.
 */
async function bindRawHead(
  { nodes = [] }: Graph,
  { path, names, input, families, hints }: Binding,
  reload: Reload,
): Promise<BoundGraph | null> {
  for (const family of families) {
    const inner = hints.inner === null ? (family.rawHead?.(nodes) ?? null) : null;
    if (inner === null) continue;
    const graph = await reload(inner);
    try {
      const decoder = family.match(await probed(graph, input), input.form, { ...hints, inner });
      if (decoder !== null) {
        checkNames(names, decoder.numClasses, path);
        return innerMatch(family, decoder, graph, inner);
      }
    } catch (error) {
      graph.dispose();
      throw error;
    }
    graph.dispose();
  }
  return null;
}

/**
 * What a family takes of a graph's outputs, or, where they come after NMS or a top-k, of what goes into it. A contract
 * that names inner tensors is taken at its word.
 */
async function bindOutputs(graph: Graph, binding: Binding, reload: Reload): Promise<BoundGraph> {
  const { path, names, hints } = binding;
  const outputs = await probed(graph, binding.input);
  const own = match(outputs, binding);
  if (own !== null) {
    checkNames(names, own.decoder.numClasses, path);
    return { ...own, graph };
  }
  const isChoice = hints.inner === null && (hints.sidecar?.detectionsOnly ?? detectionsIn(outputs)) !== null;
  const before = isChoice ? await bindBeforeChoice(graph, binding, reload) : null;
  if (before === null) throw noFamily(outputs, binding);
  return before;
}

/**
 * Looks for the candidates among the inner tensors of a graph whose outputs are a choice of them.
 * @returns null where no family takes any; else the graph with those tensors as its outputs.
 * Cost: opens the graph twice, and runs it once with every tensor that may be one of them.
 */
async function bindBeforeChoice(
  { nodes = [], outputs }: Graph,
  binding: Binding,
  reload: Reload,
): Promise<BoundGraph | null> {
  const ownNames = outputs.map(({ name }) => name);
  const names = tensorsBeforeChoice(nodes, ownNames);
  if (names.length === 0) return null;
  const { input, hints } = binding;
  const probing = await reload(names);
  const inside = await probed(probing, input).finally(() => probing.dispose());
  for (const some of candidateOutputs(inside, hints.numClasses !== null)) {
    const found = match(some, binding);
    if (found === null || (hints.numClasses !== null && found.decoder.numClasses !== hints.numClasses)) continue;
    const taken = Object.keys(some);
    return innerMatch(found.family, found.decoder, await reload(taken), taken);
  }
  return null;
}

function innerMatch(family: GraphFamily, decoder: Decoder, graph: Graph, taken: readonly string[]): BoundGraph {
  const note = said`the outputs come after NMS or a top-k; mined is what goes into it: ${taken.join(', ')}`;
  return { family, decoder: { ...decoder, notes: [...decoder.notes, note] }, graph };
}

function familiesFor({ contract, sidecar }: Knowledge, path: string): [GraphFamily, ...GraphFamily[]] {
  const named = GRAPH_DETECTORS.filter((family) => family.id === (contract?.family ?? sidecar?.family));
  const others = contract === null ? GRAPH_DETECTORS.filter((family) => !named.includes(family)) : [];
  const [first, ...rest] = [...named, ...others];
  if (first !== undefined) return [first, ...rest];
  const known = GRAPH_DETECTORS.map(({ id }) => id).join(', ');
  throw new MiningError('checkpoint', 'contract.family', known, show(contract?.family), { file: path });
}

const FOR_CLASSIFIERS = 'Open it with a data set of classification: a folder for each class';

/** Tasks whose boxes are not axis-aligned, or that have none. */
const REFUSED_TASKS: Readonly<Record<string, string>> = {
  obb: 'Rotated boxes cannot be mined: train and export it for the task detect',
  classify: FOR_CLASSIFIERS,
};

function refuseTask(sidecar: Sidecar | null, path: string): void {
  const todo = REFUSED_TASKS[sidecar?.task ?? ''];
  if (sidecar === null || todo === undefined) return;
  throw new MiningError('checkpoint', said`task (${sidecar.from})`, 'a detector', show(sidecar.task), {
    file: path,
    todo,
  });
}

/** A network that takes bytes scales them inside. */
function checkScale({ name, takesBytes }: ImageInput, contract: GraphContract | null, path: string): void {
  const { mean, std } = contract?.preprocess ?? {};
  if (!takesBytes || (mean === undefined && std === undefined)) return;
  const expected = said`neither mean nor std: input ${name} takes pixels as they are`;
  throw new MiningError('checkpoint', 'contract.preprocess', expected, mean === undefined ? 'std' : 'mean', {
    file: path,
  });
}

/** Side of a square of one colour in the made-up image, px. */
const SQUARE = 8;

/** Squares of many colours, in 0…1 (ordinary in raw pixels and in normalised ones), or in bytes. */
function probe({ width, height, layout }: InputForm, takesBytes: boolean): Float32Array {
  const byte = (x: number, y: number, c: number) =>
    (Math.floor(x / SQUARE) * 37 + Math.floor(y / SQUARE) * 91 + c * 53) % 256;
  const plane = width * height;
  return Float32Array.from({ length: 3 * plane }, (_, i) => {
    const [pixel, channel] = layout === 'nchw' ? [i % plane, Math.floor(i / plane)] : [Math.floor(i / 3), i % 3];
    const value = byte(pixel % width, Math.floor(pixel / width), channel);
    return takesBytes ? value : value / 255;
  });
}

/** What a graph gives for the made-up image. */
function probed(graph: Graph, input: ImageInput): Promise<Outputs> {
  return forward(graph, input, probe(input.form, input.takesBytes), input.form);
}

async function forward(graph: Graph, input: ImageInput, values: Float32Array, size: Size): Promise<Outputs> {
  return firstOfBatch(await graph.run(input.feeds(values, size)), input.batch);
}

function detectorOf(
  graph: Graph,
  input: ImageInput,
  { family, decoder }: Match,
  { contract, sidecar, names, path, reload }: Knowledge & Origin,
): Detector {
  const { form } = input;
  const spec = specOf(input, family, contract, sidecar);
  const preprocessor = makePreprocessor(spec, form);
  // One buffer for each call under way: an engine may still read the last one.
  const buffers: Float32Array[] = [];
  const notes: Phrase[] = [
    names === null ? said`classes are unnamed` : said`classes from ${names.from}`,
    ...(sidecar === null ? [] : [said`${family.title} by ${sidecar.from}`, ...(sidecar.notes ?? [])]),
    ...decoder.notes,
  ];
  return {
    family: family.id,
    classes: names?.names ?? null,
    numClasses: decoder.numClasses,
    classMap: contract?.classMap ?? {},
    ...(contract === null ? {} : { contract }),
    preprocess: spec,
    inputWidth: form.width,
    inputHeight: form.height,
    scoreForm: decoder.scoreForm,
    measureDefaults: decoder.measureDefaults ?? family.measureDefaults,
    isGuess: decoder.isGuess === true && contract === null,
    notes,
    async detect(image: RgbImage) {
      const { inputWidth: width, inputHeight: height } = preprocessor.place(image.width, image.height);
      const length = 3 * width * height;
      const kept = buffers.pop();
      const data = kept?.length === length ? kept : new Float32Array(length);
      const place = preprocessor.write(image, data);
      const outputs = await forward(graph, input, data, { width, height });
      buffers.push(data);
      return decoder.decode(outputs, place);
    },
    async features() {
      const name = contract?.features;
      if (name === undefined) throw unnamedFeatures(path, graph.nodes ?? [], outputNames(graph));
      return featureSource(await reload([name]), name, input, preprocessor);
    },
    dispose: () => graph.dispose(),
  };
}

function outputNames({ outputs }: Graph): readonly string[] {
  return outputs.map(({ name }) => name);
}

/** @param graph its only output is the map. */
function featureSource(graph: Graph, name: string, input: ImageInput, preprocessor: Preprocessor): FeatureSource {
  return {
    name,
    async at(image, boxes) {
      const { inputWidth: width, inputHeight: height } = preprocessor.place(image.width, image.height);
      const data = new Float32Array(3 * width * height);
      const place = preprocessor.write(image, data);
      const outputs = await forward(graph, input, data, { width, height });
      return averageAt(featureMapOf(outputs[name], name, { ...input.form, width, height }), boxes, place);
    },
    dispose: () => graph.dispose(),
  };
}

/** The family's own, the sidecar's, the contract's: the last that says something goes. */
function specOf(
  { takesBytes, isOpen }: ImageInput,
  family: GraphFamily,
  contract: GraphContract | null,
  sidecar: Sidecar | null,
): PreprocessSpec {
  const merged = mergeSpec(mergeSpec(family.preprocess, sidecar?.preprocess), contract?.preprocess);
  const spec = takesBytes ? { ...merged, ...PLAIN } : merged;
  // A size that follows the image needs an input that does.
  return (spec.resize === 'shorter-side' || spec.resize === 'none') && !isOpen ? { ...spec, resize: 'stretch' } : spec;
}

function noFamily(outputs: Outputs, { path, input, families, hints }: Binding): MiningError {
  const { contract, sidecar } = hints;
  const { form } = input;
  const received =
    Object.entries(outputs)
      .map(([name, tensor]) => `${name} ${describeOutput(tensor)}`)
      .join(', ') || 'none';
  const detections = contract === null ? (sidecar?.detectionsOnly ?? detectionsIn(outputs)) : null;
  if (detections !== null) {
    const expected = said`candidates before NMS; ${detections.why}`;
    return new MiningError('checkpoint', 'outputs', expected, received, { file: path, todo: detections.todo });
  }
  if (contract === null && isClassifier(outputs)) {
    const expected = 'boxes and scores; these are the scores of a classifier';
    return new MiningError('checkpoint', 'outputs', expected, received, { file: path, todo: FOR_CLASSIFIERS });
  }
  if (contract === null && isUndecodedYolo(outputs)) {
    const expected = 'decoded boxes, as one [1,A,5+K]; this is the raw head of a YOLOv7 or v5, one output a stride';
    const todo = 'Export it with --grid (YOLOv7) or with YOLOv5’s own export.py';
    return new MiningError('checkpoint', 'outputs', expected, received, { file: path, todo });
  }
  const expected = families.map((family) => `${family.id}: ${family.describe(form)}`).join('; or ');
  const layout = `${form.width} x ${form.height} ${form.layout}`;
  const todo =
    contract === null
      ? said`Input ${layout}. A file NAME.ohem.json beside the model can say what it is: docs/checkpoints.md`
      : said`Input ${layout}. The contract names this family: docs/checkpoints.md has its keys, and the other families`;
  const where = contract === null ? 'outputs' : 'contract.family';
  return new MiningError('checkpoint', where, expected, received, { file: path, todo, reason: 'unknown-outputs' });
}
