/** The theme's colours as values: a canvas cannot read CSS variables. */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface ThemeLook {
  readonly foreground: string;
  readonly quiet: string;
  readonly line: string;
  /** A CSS font for small words on a canvas. */
  readonly smallFont: string;
}

let look: ReturnType<typeof signal<ThemeLook>> | undefined;

/** Follows the theme: VS Code changes the document's variables and the body's class while the panel is open. */
export function themeLook(): ReadonlySignal<ThemeLook> {
  if (look !== undefined) return look as ReadonlySignal<ThemeLook>;
  const known = signal(readLook());
  const observer = new MutationObserver(() => (known.value = readLook()));
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style'] });
  look = known;
  return known;
}

function readLook(): ThemeLook {
  const style = getComputedStyle(document.body);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    foreground: style.color,
    quiet: read('--vscode-descriptionForeground', style.color),
    line: read('--vscode-panel-border', 'rgba(128, 128, 128, 0.35)'),
    smallFont: `11px ${style.fontFamily}`,
  };
}
