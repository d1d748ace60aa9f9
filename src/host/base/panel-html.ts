/** The panel's page: two files of ours and nothing else. */
import { escapeMarkup } from '../../core/markup.js';

export interface PanelPage {
  /** `Webview.cspSource`. */
  readonly cspSource: string;
  /** Fresh for every page, from a cryptographic source. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** BCP 47, as the editor says. */
  readonly language: string;
  readonly title: string;
  /** Texts in that language by the English ones (`vscode.l10n.bundle`); undefined in English. */
  readonly words: Readonly<Record<string, string>> | undefined;
  /** What the person has chosen in other tabs; JSON. */
  readonly kept?: Readonly<Record<string, unknown>>;
}

/**
 * The document of the custom editor. Everything is refused but the nonce's module script, files below the local
 * resource roots, and blobs as pictures (decoded bitmaps).
 */
export function panelHtml(page: PanelPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    `img-src ${page.cspSource} blob:`,
  ].join('; ');
  const meta = (name: string, data: object | undefined) =>
    data === undefined ? '' : `<meta name="${name}" content="${escapeMarkup(JSON.stringify(data))}">\n`;
  // The style sheet's id is how vscode-elements finds the icon font.
  return `<!DOCTYPE html>
<html lang="${escapeMarkup(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${meta('l10n', page.words)}${meta('kept', page.kept)}<title>${escapeMarkup(page.title)}</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${escapeMarkup(page.styleUri)}">
</head>
<body>
<div id="root"></div>
<script type="module" nonce="${page.nonce}" src="${escapeMarkup(page.scriptUri)}"></script>
</body>
</html>
`;
}
