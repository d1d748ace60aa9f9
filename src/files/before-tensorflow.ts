/** What a process needs before it loads TensorFlow's native binding (tfjs-node 4.22), to compute or to train. */
import nodeUtil from 'node:util';

/** Sets the environment that TensorFlow reads when it is loaded, and what Node.js took away from under the package. */
export function prepareForTensorFlow(): void {
  // Else TensorFlow takes the whole card, and the editor's own graphics with it.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  polyfillUtil();
}

/** The package calls two functions that Node 23 took away. */
function polyfillUtil(): void {
  const util = nodeUtil as unknown as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
