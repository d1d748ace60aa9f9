// The four kinds of themes, in a walk through the workbench.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What VS Code calls each, and what it says of it to a webview. */
const KINDS = {
  dark: { name: 'Default Dark Modern', className: 'vscode-dark' },
  light: { name: 'Default Light Modern', className: 'vscode-light' },
  'hc-dark': { name: 'Default High Contrast', className: 'vscode-high-contrast' },
  'hc-light': { name: 'Default High Contrast Light', className: 'vscode-high-contrast-light' },
};
export const THEMES = Object.keys(KINDS);

/** Takes a theme of THEMES, and waits until a webview's frame has it. */
export async function takeTheme(vscode, frame, theme) {
  const { name, className } = KINDS[theme];
  // The web workbench keeps a person's own settings in the browser; these it reads from disk.
  const settings = join(vscode.workspace, '.vscode');
  await mkdir(settings, { recursive: true });
  await writeFile(join(settings, 'settings.json'), JSON.stringify({ 'workbench.colorTheme': name }));
  await vscode.until(`theme ${theme}`, () =>
    frame.evaluate((each) => document.body.classList.contains(each), className),
  );
}
