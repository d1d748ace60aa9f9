import type { Disposable } from 'vscode';

/** Everything that one owner must free; freed in reverse order, once. Adding to a freed scope frees at once. */
export class Scope implements Disposable {
  #items: Disposable[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  /** Adds a plain function. */
  onDispose(free: () => void): void {
    this.add({ dispose: free });
  }

  dispose(): void {
    this.#disposed = true;
    const items = this.#items;
    this.#items = [];
    for (const item of items.reverse()) item.dispose();
  }
}
