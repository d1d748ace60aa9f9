/** What a right click is about: VS Code reads it from the element, for the menu and the command that is chosen. */
import type { DecidedPlace } from '../../src/core/triage/placed-decisions.js';
import { NONE } from '../../src/core/tables.js';
import { MENU_SECTION, type PanelPlace } from '../../src/protocol/panel-messages.js';

/**
 * Attributes of an element that stands for an image, or for something in it.
 * @param decided what a verdict is about there.
 * @param annotation as in `GtTable`; NONE: the image.
 */
export function menuContext(decided: DecidedPlace, annotation = NONE): Readonly<Record<string, string>> {
  const place: PanelPlace = { ...decided, annotation };
  const menu = { webviewSection: MENU_SECTION, preventDefaultContextMenuItems: true };
  return { 'data-vscode-context': JSON.stringify({ ...menu, ...place }) };
}
