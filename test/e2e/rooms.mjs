// A room in the four kinds of themes: axe looks at each, and a person at the pictures.
import { assertAccessible } from '../webview/axe.mjs';
import { takeTheme, THEMES } from './themes.mjs';

/** @param frame of the room. It ends in the dark theme. @throws AssertionError with every serious finding. */
export async function inFourThemes(vscode, frame, room) {
  for (const theme of [...THEMES].reverse()) {
    await takeTheme(vscode, frame, theme);
    await vscode.page.waitForTimeout(400);
    await vscode.screenshot(`${room}-${theme}`);
    await assertAccessible(frame, `${room} in ${theme}`);
  }
}
