/** The least is what the work takes where nothing else wants the core. */
export type Times = Readonly<Record<'minMs' | 'medianMs' | 'p95Ms', number>>;

/**
 * Least, median and 95th percentile of `work` in ms, after `warmup` rounds. What it returns is kept, so that nothing is
 * optimised away.
 */
export function timeSync(work: () => unknown, rounds = 60, warmup = 20): Times {
  const sink: unknown[] = [];
  for (let i = 0; i < warmup; i++) sink[0] = work();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    sink[0] = work();
    times.push(performance.now() - start);
  }
  return summary(times);
}

export async function timeAsync(work: () => Promise<unknown>, rounds = 20, warmup = 3): Promise<Times> {
  for (let i = 0; i < warmup; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return summary(times);
}

export function summary(times: number[]): Times {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { minMs: round(sorted[0] ?? Number.NaN), medianMs: at(0.5), p95Ms: at(0.95) };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
