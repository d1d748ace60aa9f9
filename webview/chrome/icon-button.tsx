/** Glyphs of the codicon font, as `icons.css` lists them. */
export type IconId =
  | 'chevron-left'
  | 'chevron-right'
  | 'close'
  | 'copy'
  | 'discard'
  | 'export'
  | 'filter'
  | 'fit'
  | 'go-to-file'
  | 'grid'
  | 'help'
  | 'resume'
  | 'side'
  | 'stop'
  | 'target'
  | 'zoom-in'
  | 'zoom-out'
  | 'warning'
  | 'info'
  | 'error';

export interface IconButtonProps {
  readonly icon: IconId;
  /** Accessible name and tooltip. */
  readonly label: string;
  /** Key that does the same, shown in the tooltip. */
  readonly keyHint?: string;
  readonly testId?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

/** A button that is only an icon. */
export function IconButton({ icon, label, keyHint, testId, disabled = false, pressed, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button icon icon-${icon}`}
      aria-label={label}
      aria-pressed={pressed}
      title={keyHint === undefined ? label : `${label} (${keyHint})`}
      data-testid={testId}
      disabled={disabled}
      onClick={onClick}
    />
  );
}

/** An icon beside words that say the same. */
export function Icon({ icon }: { readonly icon: IconId }) {
  return <span class={`icon icon-${icon}`} aria-hidden="true" />;
}
