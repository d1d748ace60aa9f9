/** A person's choice that survives a tab switch and a reload, defined where it is offered. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import * as v from 'valibot';

export interface Choice<T> {
  /** Its key in the saved state: no two choices share one. */
  readonly name: string;
  /** What is chosen before the person has chosen. */
  readonly initial: T;
  /** What may come back from an older version; anything else is `initial` again. */
  readonly schema: v.GenericSchema<unknown, T>;
  /** It is the first choice of other tabs of the workspace, too. */
  readonly ofWorkspace?: boolean;
}

/** Defines a choice. Its values must be JSON: that is how VS Code keeps them. */
export function choice<T>(definition: {
  readonly name: string;
  readonly initial: NoInfer<T>;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly ofWorkspace?: boolean;
}): Choice<T> {
  return definition;
}

/** A choice in one panel: a signal to read and to write. */
export interface Chosen<T> {
  value: T;
  peek(): T;
}

/** All choices of one panel by name. A choice needs no registration: who asks for it first gets what was saved. */
export class Choices {
  readonly #saved: Readonly<Record<string, unknown>>;
  readonly #ofWorkspace = new Set<string>();
  readonly #written = signal<Readonly<Record<string, unknown>>>({});

  /** @param saved as `save` gave it; taken with suspicion. */
  constructor(saved: Readonly<Record<string, unknown>> = {}) {
    this.#saved = saved;
  }

  of<T>({ name, initial, schema, ofWorkspace = false }: Choice<T>): Chosen<T> {
    if (ofWorkspace) this.#ofWorkspace.add(name);
    const read = Object.hasOwn(this.#saved, name) ? v.safeParse(schema, this.#saved[name]) : null;
    const first = read?.success === true ? read.output : initial;
    const written = this.#written;
    // Computed apart, so that who reads one choice is not told of the others.
    const now: ReadonlySignal<T> = computed(() =>
      Object.hasOwn(written.value, name) ? (written.value[name] as T) : first,
    );
    return {
      get value() {
        return now.value;
      },
      set value(value: T) {
        written.value = { ...written.peek(), [name]: value };
      },
      peek: () => now.peek(),
    };
  }

  /** JSON of all choices, also of those that nobody asked for. Reads signals: an effect around it follows changes. */
  save(): Readonly<Record<string, unknown>> {
    return { ...this.#saved, ...this.#written.value };
  }

  /**
   * The part of `save` that other tabs of the workspace begin with.
   * @param kept what this one began with: it stays of choices that nobody has asked for yet, as of a closed side bar.
   */
  saveOfWorkspace(kept: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    const own = Object.entries(this.save()).filter(([name]) => this.#ofWorkspace.has(name));
    return { ...kept, ...Object.fromEntries(own) };
  }
}
