/** Opens what a person picked: the contract beside it decides the family, else the graph's tensors do. */
import { resolve } from 'node:path';
import type { Graph } from '../core/graph.js';
import type { Task } from '../core/tables.js';
import { bindDetector } from './bind-detector.js';
import { bindClassifier, type BoundClassifier } from './classifier/classifier.js';
import type { Detector, LoadGraph, ModelFiles } from './detector.js';
import { classesFileOf, findClassNames } from './sidecars/class-names.js';
import {
  checkContract,
  parseContract,
  placedInContract,
  type ContractFile,
  type GraphContract,
} from './files/contract.js';
import { hashFiles, locateContract, locateGraph, type LocatedGraph } from './files/locate.js';
import { readSidecar, sidecarFiles } from './sidecars/index.js';
import { neighboursOf } from './sidecars/sidecar.js';
import { FAMILIES, ONE_GRAPH_FAMILIES, familyOf } from './registry.js';

/** Key of embedded metadata that holds a contract, as JSON. */
const METADATA_KEY = 'ohem';

/** A checkpoint as what the data set's task needs: a detector, or a classifier, whose scores are [N, K]. */
export type Model = Detector | BoundClassifier;

/**
 * Finds the files of a checkpoint and hashes them; no backend is needed yet.
 * @param path an .onnx or .tflite file, a TensorFlow.js JSON, a SavedModel folder, a contract, or a folder with one of
 * them.
 * @param task what it is to be opened for: the tensors of a graph do not always tell.
 * @throws MiningError 'checkpoint' when there is nothing to open, too much of it, or its contract is broken or is one
 * for another task.
 */
export function openModel(path: string, task: 'detection'): Promise<ModelFiles<Detector>>;
export function openModel(path: string, task: 'classification'): Promise<ModelFiles<BoundClassifier>>;
export function openModel(path: string, task: Task): Promise<ModelFiles<Model>>;
export async function openModel(path: string, task: Task): Promise<ModelFiles<Model>> {
  const absolute = resolve(path);
  const file = await locateContract(absolute);
  if (file === null) return graphFiles(absolute, null, null, task);
  const family = familyOf(FAMILIES, file, task);
  if (family.kind === 'graph-detector' || family.kind === 'classifier')
    return graphFiles(absolute, file, checkContract(family.contract, file), task);
  return { ...(await family.locate(file.path, checkContract(family.contract, file))), path: absolute };
}

async function graphFiles(
  path: string,
  file: ContractFile | null,
  contract: GraphContract | null,
  task: Task,
): Promise<ModelFiles<Model>> {
  const located = await locateGraph(path, file);
  const beside = [
    ...(file === null ? [] : [file.path]),
    ...(await sidecarFiles(located.path, located.format === 'saved-model')),
    ...(contract?.classes === undefined ? await classesFileOf(located.path) : []),
  ];
  return {
    path,
    format: located.format,
    sha256: await hashFiles([...new Set([...located.files, ...beside])]),
    async open(load, instead) {
      const asked = instead === undefined ? contract : checkedContract(instead, located.path, task);
      try {
        return await bindGraph(load, located, asked, task);
      } catch (error) {
        throw file === null || instead !== undefined ? error : placedInContract(error, file);
      }
    },
  };
}

async function bindGraph(
  load: LoadGraph,
  { path, format }: LocatedGraph,
  asked: GraphContract | null,
  task: Task,
): Promise<Model> {
  const reload = (outputs: readonly string[]) => load(path, format, outputs);
  let graph = await reload(asked?.outputs ?? []);
  try {
    const meaning = asked ?? embeddedContract(graph, path, task);
    if (asked === null && meaning?.outputs !== undefined) {
      const whole = graph;
      graph = await reload(meaning.outputs);
      whole.dispose();
    }
    const sidecar = await readSidecar(neighboursOf(path, format === 'saved-model', graph.metadata));
    const names = await findClassNames(meaning?.classes, sidecar, graph.metadata, path);
    if (task === 'classification') return await bindClassifier(graph, path, { contract: meaning, names, reload });
    return await bindDetector(graph, path, { contract: meaning, sidecar, names }, reload);
  } catch (error) {
    graph.dispose();
    throw error;
  }
}

function embeddedContract(graph: Graph, path: string, task: Task): GraphContract | null {
  const text = graph.metadata[METADATA_KEY];
  if (text === undefined) return null;
  return checkedContract(parseContract(text, path), path, task);
}

function checkedContract(contract: { readonly family: string }, path: string, task: Task): GraphContract {
  const file = { path, text: '', contract };
  return checkContract(familyOf(ONE_GRAPH_FAMILIES, file, task).contract, file);
}
