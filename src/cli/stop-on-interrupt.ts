import type { ProgressLine } from './print/progress-line.js';

/** The first Ctrl-C, or the SIGTERM of a scheduler, ends the run after this image, the second at once. */
export function stopOnInterrupt(line: ProgressLine): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    line.say('stopping after this image; press Ctrl-C again to stop at once');
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  const dispose = () => signals.forEach((signal) => process.off(signal, interrupt));
  return { signal: controller.signal, dispose };
}
