/** What comes from files must not become a link in what the editor says. */
import { Linter } from 'eslint';
import { describe, expect, it, vi } from 'vitest';
import config from '../../../../eslint.config.mjs';

const window = vi.hoisted(() => ({
  showInformationMessage: vi.fn(),
  showWarningMessage: vi.fn(),
  showErrorMessage: vi.fn(),
  showInputBox: vi.fn(),
  showQuickPick: vi.fn(),
  withProgress: vi.fn(),
}));
vi.mock('vscode', () => ({ window, ProgressLocation: { Notification: 15 } }));
const speak = await import('../../../../src/host/base/speak.js');

/** As VS Code finds links in messages: src/vs/base/common/linkedText.ts. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const HOSTILE = [
  'run-file: task: [Repair this run](command:workbench.action.terminal.new)',
  '[a](https://example.org "b")[c](file:///etc/passwd)',
  '[[a]](command:x)',
  '[a]\u200b](command:x)](command:y)',
];

describe('what the editor says', () => {
  it.each(HOSTILE)('%s stays text', (text) => {
    for (const shown of [speak.plain(text), speak.plain(speak.plain(text))]) expect(shown).not.toMatch(LINK);
  });

  it('shows what would hide: control characters and turned directions', () => {
    expect(speak.plain('a\u009b31m \u202egpj.exe\nb')).toBe('a\\u009b31m \\u202egpj.exe\nb');
  });

  it('every surface', async () => {
    const [text] = HOSTILE;
    await speak.showInformationMessage(text);
    await speak.showWarningMessage(text);
    await speak.showErrorMessage(text);
    await speak.confirm(text, text, 'Go');
    window.showQuickPick.mockResolvedValue(undefined);
    const items = [{ label: text, description: text, detail: text }];
    await speak.showQuickPick(items, { placeHolder: text });
    await speak.showManyPick(items, { placeHolder: text });
    await speak.showInputBox({ title: 'x', prompt: text, value: '', check: () => text });
    const report = vi.fn();
    window.withProgress.mockImplementation((_options, task) => task({ report }));
    await speak.withProgress(text, async (progress) => progress.report({ message: text }));
    const calls = Object.values(window).flatMap(({ mock }) => mock.calls);
    const validated = window.showInputBox.mock.calls.map(([{ validateInput }]) => validateInput(''));
    const shown = withoutItems([...calls, ...report.mock.calls, validated]);
    expect(shown.match(/Repair/g)?.length).toBeGreaterThanOrEqual(16);
    expect(shown).not.toMatch(LINK);
  });

  it('answers with the items that were given', async () => {
    const items = [
      { label: '[a](command:x)', id: 1 },
      { label: 'b', id: 2 },
    ];
    window.showQuickPick.mockImplementation(async (given) => (await given)[0]);
    expect(await speak.showQuickPick(items, {})).toBe(items[0]);
    window.showQuickPick.mockImplementation(async (given) => await given);
    expect(await speak.showManyPick(items, {})).toEqual(items);
  });

  it('nobody speaks past it', () => {
    const rule = 'no-restricted-syntax';
    // Of the configuration this rule alone: the typed ones read the whole project.
    const block = config.find(({ rules }) => rules?.[rule] !== undefined);
    const code = "import * as vscode from 'vscode';\nvoid vscode.window.showErrorMessage('x');\n";
    expect(block?.files).toEqual(['src/host/**']);
    const messages = new Linter().verify(code, { rules: { [rule]: block?.rules?.[rule] } });
    expect(messages.map(({ ruleId }) => ruleId)).toEqual([rule]);
  });
});

/** As JSON; the items that `showQuickPick` hands back are not shown. */
function withoutItems(calls: unknown): string {
  return JSON.stringify(calls, (key, value) => (key === 'item' ? undefined : value));
}
