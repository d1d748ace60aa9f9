import type { ProgressLine } from './print/progress-line.js';

/** The first Ctrl-C ends the run after this image, the second at once. */
export function stopOnInterrupt(line: ProgressLine): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    line.say('stopping after this image; press Ctrl-C again to stop at once');
  };
  process.on('SIGINT', interrupt);
  return { signal: controller.signal, dispose: () => process.off('SIGINT', interrupt) };
}
