/** TensorFlow.js in plain JavaScript: seconds an image for a real detector, so the last resort. */
import type { Backend } from '../engine.js';
import { importTfjs, TFJS_FORMATS, tfjsEngine } from './tfjs-graph.js';

export const tfjsCpu: Backend = {
  id: 'tfjs-cpu',
  title: 'TensorFlow.js (JavaScript, slow)',
  summary: 'TensorFlow.js in plain JavaScript, for tiny models.',
  needs: 'nothing: JavaScript, for tiny models',
  formats: TFJS_FORMATS,
  async start() {
    const tfjs = await importTfjs();
    await import('@tensorflow/tfjs-backend-cpu');
    return tfjsEngine(tfjs, 'cpu', tfjsCpu.id, 'JavaScript, 1 thread');
  },
};
