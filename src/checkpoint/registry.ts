/** Opens what a person picked: the contract beside it decides the family, else the graph's tensors do. */
import { resolve } from 'node:path';
import type { Graph } from '../core/graph.js';
import { bindDetector } from './bind-detector.js';
import { findClassNames } from './class-names.js';
import { checkContract, parseContract, type Contract } from './contract.js';
import type { CheckpointFiles, Detector, LoadGraph } from './detector.js';
import { fastRcnnFiles } from './fast-rcnn.js';
import { hashFiles, locateContract, locateGraph, type LocatedContract, type LocatedGraph } from './locate.js';

/** Families of several graphs: each reads its own contract. */
type FolderFamily = (contractPath: string, contract: unknown) => Promise<CheckpointFiles>;
const FOLDER_FAMILIES: Readonly<Record<string, FolderFamily>> = { 'fast-rcnn': fastRcnnFiles };

/** Key of embedded metadata that holds a contract, as JSON. */
const METADATA_KEY = 'ohem';

/**
 * Finds the files of a checkpoint and hashes them; no backend is needed yet.
 * @param path an .onnx file, a TensorFlow.js JSON, a SavedModel folder, a contract, or a folder with one of them.
 * @throws MiningError 'checkpoint' when there is nothing to open, too much of it, or its contract is broken.
 */
export async function openCheckpoint(path: string): Promise<CheckpointFiles> {
  const absolute = resolve(path);
  const located = await locateContract(absolute);
  if (located !== null && Object.hasOwn(FOLDER_FAMILIES, located.contract.family)) {
    return { ...(await FOLDER_FAMILIES[located.contract.family](located.path, located.contract)), path: absolute };
  }
  const contract = located === null ? null : checkContract(located.contract, located.path);
  const graph = await locateGraph(absolute, located);
  return graphFiles(absolute, graph, located, contract);
}

async function graphFiles(
  path: string,
  located: LocatedGraph,
  contractFile: LocatedContract | null,
  contract: Contract | null,
): Promise<CheckpointFiles> {
  const files = contractFile === null ? located.files : [...located.files, contractFile.path];
  return {
    path,
    format: located.format,
    sha256: await hashFiles(files),
    async open(load: LoadGraph): Promise<Detector> {
      const graph = await load(located.path, located.format);
      try {
        return await bind(graph, located.path, contract);
      } catch (error) {
        graph.dispose();
        throw error;
      }
    },
  };
}

async function bind(graph: Graph, path: string, contract: Contract | null): Promise<Detector> {
  const meaning = contract ?? embeddedContract(graph, path);
  const names = await findClassNames(meaning?.classes, graph.metadata, path);
  return bindDetector(graph, path, meaning, names);
}

function embeddedContract(graph: Graph, path: string): Contract | null {
  const text = graph.metadata[METADATA_KEY];
  return text === undefined ? null : checkContract(parseContract(text, path), path);
}

