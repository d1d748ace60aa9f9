export interface WordSelectProps<T extends string> {
  readonly ids: readonly T[];
  readonly wordOf: (id: T) => string;
  readonly value: T;
  readonly onPick: (id: T) => void;
  readonly testId: string;
  /** Its name, where no label stands around it. */
  readonly label?: string;
}

/** A choice of one of our own lists. */
export function WordSelect<T extends string>({ ids, wordOf, value, onPick, testId, label }: WordSelectProps<T>) {
  return (
    <select
      aria-label={label}
      data-testid={testId}
      value={value}
      onChange={(event) => {
        const id = ids[event.currentTarget.selectedIndex];
        if (id !== undefined) onPick(id);
      }}
    >
      {ids.map((id) => (
        <option key={id} value={id}>
          {wordOf(id)}
        </option>
      ))}
    </select>
  );
}
