/** Stand-ins for classes of `vscode`, which exists in the extension host only. */

/** As `vscode.EventEmitter`; `size` tells who still listens. */
export class FakeEventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event = (listener: (value: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  get size(): number {
    return this.#listeners.size;
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** As `vscode.Uri.file`. */
export function fakeUri(path: string): { readonly fsPath: string; readonly path: string; toString(): string } {
  return { fsPath: path, path, toString: () => `file://${path}` };
}

/** As `vscode.Uri`. */
export const FakeUri = {
  file: fakeUri,
  joinPath: (base: { readonly path: string }, ...names: string[]) => fakeUri([base.path, ...names].join('/')),
};
