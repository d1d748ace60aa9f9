/** What an exporter wrote down about a checkpoint: inside its metadata or in a file beside it. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Phrase, Said } from '../../core/said.js';
import type { PreprocessChanges } from '../files/contract.js';

/** Everything is optional but where it stands; a contract goes first, key by key. */
export interface Sidecar {
  /** `metadata of Ultralytics`, `config.json`: for notes. */
  readonly from: string;
  /** Id of a family, tried before the others. */
  readonly family?: string;
  /** Where a family has several recipes: the `model_type` of Hugging Face. */
  readonly architecture?: string;
  /** Index = class id. */
  readonly classes?: readonly string[];
  /** Size where the graph leaves it open, px. */
  readonly input?: { readonly width: number; readonly height: number };
  readonly preprocess?: PreprocessChanges;
  /** `detect`, `segment`, `pose`, `obb`, `classify`, in Ultralytics' words. */
  readonly task?: string;
  /** What is inside that leaves detections instead of candidates, and what to do instead. */
  readonly detectionsOnly?: DetectionsOnly;
  /** What was missing or odd in it. */
  readonly notes?: readonly Phrase[];
}

/** Outputs that are detections after NMS or a top-k, and what to do. */
export interface DetectionsOnly {
  readonly why: Said;
  readonly todo: Phrase;
}

/** What readers look at. */
export interface Neighbours {
  readonly metadata: Readonly<Record<string, string>>;
  /** Text of a file in the model, else beside it; null where there is none, or none of a sidecar's size. */
  text(name: string): Promise<string | null>;
}

export type ReadSidecar = (neighbours: Neighbours) => Promise<Sidecar | null>;

/** Sidecars are some KB; a tokenizer or data file of the same name is not read. */
const MAX_BYTES = 1 << 22;

/**
 * The neighbours of a graph. Hugging Face keeps graphs in `onnx/` below their configuration.
 * @param modelPath a file, or the folder of a SavedModel.
 * @param found is told the path of every file that was read.
 */
export function neighboursOf(
  modelPath: string,
  isFolder: boolean,
  metadata: Readonly<Record<string, string>>,
  found: (path: string) => void = () => undefined,
): Neighbours {
  const folder = isFolder ? modelPath : dirname(modelPath);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  return {
    metadata,
    async text(name) {
      const packed = Object.entries(metadata).find(([key]) => key === name);
      if (packed !== undefined) return packed[1];
      for (const each of folders) {
        const text = await smallText(join(each, name));
        if (text === null) continue;
        found(join(each, name));
        return text;
      }
      return null;
    },
  };
}

/** Never throws: a neighbour that cannot be read says nothing. */
async function smallText(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= MAX_BYTES ? await readFile(path, 'utf8') : null;
  } catch {
    return null;
  }
}

/** JSON, undefined for text that is none. */
export function jsonOf(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
}

/** Names by index out of `[0 or '0', name]` pairs; undefined where indices have gaps. */
export function namesByIndex(pairs: readonly (readonly [unknown, unknown])[]): string[] | undefined {
  const names = new Map(pairs.map(([index, name]) => [Number(index), String(name)]));
  const listed = Array.from(names, (_, i) => names.get(i));
  return listed.length > 0 && listed.every((name) => name !== undefined) ? listed : undefined;
}
