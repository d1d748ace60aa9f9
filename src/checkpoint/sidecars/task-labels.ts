/**
 * Labels that TensorFlow Lite's metadata packs into a model: a text with one class a line.
 * Source: ai.google.dev/edge/litert/models/metadata (label files of output tensors).
 */
import type { Neighbours, Sidecar } from './sidecar.js';

/** Stands first in label files of TensorFlow's detectors, for the background that is no class. */
const BACKGROUND = '???';

/** @returns null where no such text is packed, or several are that could be meant. */
export async function readTaskLabels({ metadata }: Neighbours): Promise<Sidecar | null> {
  const texts = Object.keys(metadata).filter((name) => name.endsWith('.txt'));
  const labels = texts.filter((name) => /label/i.test(name));
  const [name, ...others] = labels.length > 0 ? labels : texts;
  if (name === undefined || others.length > 0) return null;
  const lines = (metadata[name] ?? '').trimEnd().split(/\r?\n/);
  const classes = lines.map((line) => line.trim()).slice(lines[0]?.trim() === BACKGROUND ? 1 : 0);
  return classes.length === 0 || classes.includes('') ? null : { from: `${name} in the file`, classes };
}
