/** Words of the runtimes for memory that ran out: CUDA, ONNX Runtime, TensorFlow, Dawn, WASM, V8. */
const WORDS = [
  /out of memory|\bOOM\b|failed to allocate|could not allocate|cannot allocate|bad_alloc|allocation failed/i,
  /RESOURCE_EXHAUSTED|enlarge memory|grow memory|ERROR_OUT_OF_(DEVICE|HOST)_MEMORY/i,
];

/** Whether what a backend threw says that memory ran out, on the device or off it. */
export function isOutOfMemory(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return WORDS.some((words) => words.test(text));
}
