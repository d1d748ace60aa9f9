/** What a right click is about: VS Code reads it from the element, for the menu and the command that is chosen. */
import { NONE } from '../../src/core/tables.js';
import { MENU_SECTION, type PanelPlace } from '../../src/protocol/panel-messages.js';

/**
 * Attributes of an element that stands for an image, or for an object in it.
 * @param annotation as in `GtTable`; NONE: the image.
 */
export function menuContext(imageIndex: number, annotation = NONE): Readonly<Record<string, string>> {
  const place: PanelPlace = { imageIndex, annotation };
  const menu = { webviewSection: MENU_SECTION, preventDefaultContextMenuItems: true };
  return { 'data-vscode-context': JSON.stringify({ ...menu, ...place }) };
}
