export type Settled<T> = { readonly value: T } | { readonly error: unknown };

/** A promise that says how another one ended, and never fails. */
export function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/**
 * Loads items in order, `depth` ahead of the one that is being used. A failed load is yielded as its error.
 * Leaving the loop early leaves at most `depth` loads to finish unheard.
 */
export async function* prefetch<Item, T>(
  items: Iterable<Item>,
  load: (item: Item) => Promise<T>,
  depth: number,
): AsyncGenerator<{ readonly item: Item; readonly loaded: Settled<T> }> {
  const ahead: { item: Item; loading: Promise<Settled<T>> }[] = [];
  for (const item of items) {
    const loading = settle(load(item));
    ahead.push({ item, loading });
    if (ahead.length > depth) yield* take(ahead);
  }
  while (ahead.length > 0) yield* take(ahead);
}

async function* take<Item, T>(ahead: { item: Item; loading: Promise<Settled<T>> }[]) {
  const first = ahead.shift();
  if (first !== undefined) yield { item: first.item, loaded: await first.loading };
}
