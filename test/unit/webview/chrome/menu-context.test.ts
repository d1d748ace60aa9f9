import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MENU_SECTION } from '../../../../src/protocol/panel-messages.js';
import { menuContext } from '../../../../webview/chrome/menu-context.js';
import { termOf } from '../../../../webview/words/term.js';

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: { menus: Record<string, { when: string }[]>; customEditors: { viewType: string }[] };
};

describe('menuContext', () => {
  it('tells image and object, and takes the place of Cut, Copy and Paste', () => {
    const read = (attributes: Readonly<Record<string, string>>) =>
      JSON.parse(attributes['data-vscode-context'] ?? '') as unknown;
    const menu = { webviewSection: MENU_SECTION, preventDefaultContextMenuItems: true };
    const object = { imageIndex: 3, what: 'object', row: 2 } as const;
    expect(read(menuContext(object, 7))).toEqual({ ...menu, ...object, annotation: 7 });
    const image = { imageIndex: 3, what: 'image', row: -1 } as const;
    expect(read(menuContext(image))).toEqual({ ...menu, ...image, annotation: -1 });
  });

  const termMenu = JSON.parse(termOf('nats')['data-vscode-context']) as { readonly webviewSection: string };

  it('every entry of the menu is of the editor and of such an element, or of a term in any page of ours', () => {
    const when = `webviewId == '${contributes.customEditors[0]?.viewType}' && webviewSection == '${MENU_SECTION}'`;
    const term = `webviewId =~ /^ohemLens\\./ && webviewSection == '${termMenu.webviewSection}'`;
    const whens = contributes.menus['webview/context']?.map((entry) => entry.when) ?? [];
    // But a classification shows all of its examples anyway.
    expect(new Set(whens.map((each) => each?.replace(/ && !ohemLens.classification$/, '')))).toEqual(
      new Set([when, term]),
    );
  });
});
