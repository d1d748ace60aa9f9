/** Opens what a person picked: the contract beside it decides the family, else the graph's tensors do. */
import { resolve } from 'node:path';
import type { Graph } from '../core/graph.js';
import { bindDetector } from './families/bind-detector.js';
import { findClassNames, type ClassNames } from './files/class-names.js';
import { bindClassifier, type ClassifierFiles } from './classifier/classifier.js';
import { checkClassifierContract, checkContract, parseContract } from './files/contract.js';
import type { CheckpointFiles, GraphFormat, LoadGraph } from './detector.js';
import { fastRcnnFiles } from './families/fast-rcnn.js';
import { hashFiles, locateContract, locateGraph, type LocatedContract } from './files/locate.js';

/** Families of several graphs: each reads its own contract. */
type FolderFamily = (contractPath: string, contract: unknown) => Promise<CheckpointFiles>;
const FOLDER_FAMILIES: Readonly<Record<string, FolderFamily>> = { 'fast-rcnn': fastRcnnFiles };

/** Key of embedded metadata that holds a contract, as JSON. */
const METADATA_KEY = 'ohem';

/**
 * Finds the files of a detector and hashes them; no backend is needed yet.
 * @param path an .onnx file, a TensorFlow.js JSON, a SavedModel folder, a contract, or a folder with one of them.
 * @throws MiningError 'checkpoint' when there is nothing to open, too much of it, or its contract is broken.
 */
export async function openCheckpoint(path: string): Promise<CheckpointFiles> {
  const absolute = resolve(path);
  const located = await locateContract(absolute);
  if (located !== null && Object.hasOwn(FOLDER_FAMILIES, located.contract.family)) {
    return { ...(await FOLDER_FAMILIES[located.contract.family](located.path, located.contract)), path: absolute };
  }
  return graphFiles(absolute, located, { check: checkContract, bind: bindDetector });
}

/**
 * The same for an image classifier, whose scores are [N, K] for N images.
 * @throws MiningError 'checkpoint' as `openCheckpoint`.
 */
export async function openClassifier(path: string): Promise<ClassifierFiles> {
  const absolute = resolve(path);
  return graphFiles(absolute, await locateContract(absolute), { check: checkClassifierContract, bind: bindClassifier });
}

/** What sets detectors and classifiers of one graph apart. */
interface Kind<C extends { readonly classes?: string[] | undefined }, T> {
  check(contract: object, path: string): C;
  bind(graph: Graph, path: string, contract: C | null, names: ClassNames | null): Promise<T>;
}

async function graphFiles<C extends { readonly classes?: string[] | undefined }, T>(
  path: string,
  contractFile: LocatedContract | null,
  kind: Kind<C, T>,
): Promise<{ path: string; format: GraphFormat; sha256: string; open(load: LoadGraph): Promise<T> }> {
  const contract = contractFile === null ? null : kind.check(contractFile.contract, contractFile.path);
  const located = await locateGraph(path, contractFile);
  const files = contractFile === null ? located.files : [...located.files, contractFile.path];
  return {
    path,
    format: located.format,
    sha256: await hashFiles(files),
    async open(load) {
      const graph = await load(located.path, located.format);
      try {
        const meaning = contract ?? embeddedContract(graph, located.path, kind);
        const names = await findClassNames(meaning?.classes, graph.metadata, located.path);
        return await kind.bind(graph, located.path, meaning, names);
      } catch (error) {
        graph.dispose();
        throw error;
      }
    },
  };
}

function embeddedContract<C>(graph: Graph, path: string, kind: { check(contract: object, path: string): C }): C | null {
  const text = graph.metadata[METADATA_KEY];
  return text === undefined ? null : kind.check(parseContract(text, path), path);
}
