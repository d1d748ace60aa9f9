import { extname } from 'node:path';

/** Pickles, or weights without a graph: nothing here opens them, they are exported to ONNX first. */
const WEIGHTS = ['.pt', '.pth', '.pkl', '.ckpt', '.h5', '.keras', '.safetensors', '.engine'];

/** Whether a file holds weights of a network and not the network, by its name. */
export function isWeightFile(path: string): boolean {
  return WEIGHTS.includes(extname(path).toLowerCase());
}
