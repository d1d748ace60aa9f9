/**
 * All that the editor says in its own surfaces: messages, progress, questions, lists. Their text comes from files, too,
 * and VS Code makes a link of `[text](command:…)` in most of them; here it stays text. Lint knows no other way.
 */
import * as vscode from 'vscode';
import { visible } from '../../core/mining-error.js';

/** Text that is shown as it is: links are taken apart, control characters and turned directions can be seen. */
export function plain(text: string): string {
  return visible(text).replaceAll('](', '] (');
}

/** @returns the action that was picked. */
export function showInformationMessage(text: string, ...actions: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(plain(text), ...actions);
}

/** @returns the action that was picked. */
export function showWarningMessage(text: string, ...actions: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(plain(text), ...actions);
}

/** @returns the action that was picked. */
export function showErrorMessage(text: string, ...actions: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(plain(text), ...actions);
}

/** Asks in a dialog. @param yes the button's text. @returns whether it was picked. */
export async function confirm(question: string, detail: string, yes: string): Promise<boolean> {
  return (await confirmOneOf(question, detail, [yes])) === yes;
}

/** Asks in a dialog. @param ways the buttons' texts. @returns the one that was picked. */
export function confirmOneOf(question: string, detail: string, ways: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(plain(question), { modal: true, detail: plain(detail) }, ...ways);
}

type Progress = vscode.Progress<{ message?: string; increment?: number }>;

/** A notification that can be cancelled, for as long as the task takes. */
export function withProgress<R>(
  title: string,
  task: (progress: Progress, token: vscode.CancellationToken) => Thenable<R>,
): Thenable<R> {
  const options = { location: vscode.ProgressLocation.Notification, title: plain(title), cancellable: true };
  return vscode.window.withProgress(options, (progress, token) =>
    task(
      {
        report: ({ message, ...step }) =>
          progress.report({ ...step, ...(message === undefined ? {} : { message: plain(message) }) }),
      },
      token,
    ),
  );
}

/** @returns the item that was picked, as it was given. */
export async function showQuickPick<T extends vscode.QuickPickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const shown = items instanceof Promise ? items.then(shownItems<T>) : shownItems(items);
  return (await vscode.window.showQuickPick(shown, plainOptions(options)))?.item;
}

/**
 * A list that shows at once and fills when a search has ended; words are matched in all texts of an item.
 * @param atOnce what can be picked meanwhile.
 * @param found the whole list; where it fails, `atOnce` stays.
 * @param keyOf what an item is known by in both lists.
 * @returns the item that was picked, as it was given.
 */
export async function showFillingPick<T extends vscode.QuickPickItem>(
  atOnce: readonly T[],
  found: Promise<readonly T[]>,
  keyOf: (item: T) => unknown,
  { title, placeHolder }: { readonly title: string; readonly placeHolder: string },
): Promise<T | undefined> {
  const pick = vscode.window.createQuickPick<T & { readonly item: T }>();
  Object.assign(pick, { title, placeholder: plain(placeHolder), matchOnDescription: true, matchOnDetail: true });
  // Whoever looks up a name elsewhere comes back to the question; Escape leaves it.
  pick.ignoreFocusOut = true;
  pick.items = shownItems(atOnce);
  // None is marked before the list is whole: an early Enter would take what comes first only until then.
  pick.activeItems = [];
  pick.busy = true;
  const fill = (items: readonly T[]) => {
    const [active] = pick.activeItems;
    pick.items = shownItems(items);
    // Whoever has moved already stays where they are.
    const same = pick.items.filter(({ item }) => active !== undefined && keyOf(item) === keyOf(active.item));
    pick.activeItems = same.length > 0 ? same : pick.items.slice(0, 1);
  };
  const picked = await new Promise<T | undefined>((resolve) => {
    let isAccepted = false;
    pick.onDidAccept(() => {
      if (pick.busy && pick.activeItems.length === 0) isAccepted = true;
      else resolve(pick.activeItems[0]?.item);
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
    void found
      .then(fill, () => fill(atOnce))
      .finally(() => {
        pick.busy = false;
        if (isAccepted) resolve(pick.items[0]?.item);
      });
  });
  pick.dispose();
  return picked;
}

/** @returns the items that were ticked, as they were given. */
export async function showManyPick<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<T[] | undefined> {
  const picked = await vscode.window.showQuickPick(shownItems(items), { ...plainOptions(options), canPickMany: true });
  return picked?.map(({ item }) => item);
}

/** The items of a list with text that is shown as it is. */
export function plainItems<T extends vscode.QuickPickItem>(items: readonly T[]): T[] {
  return items.map((item) => ({
    ...item,
    label: plain(item.label),
    ...(item.description === undefined ? {} : { description: plain(item.description) }),
    ...(item.detail === undefined ? {} : { detail: plain(item.detail) }),
  }));
}

/** @returns what was typed. */
export function showInputBox(options: {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  /** '' or what is wrong. */
  readonly check: (text: string) => string;
}): Thenable<string | undefined> {
  const { title, prompt, value, check } = options;
  return vscode.window.showInputBox({
    title,
    prompt: plain(prompt),
    value,
    validateInput: (text) => plain(check(text)) || undefined,
  });
}

/** Items as they are shown, each with the one that was given. */
function shownItems<T extends vscode.QuickPickItem>(items: readonly T[]) {
  return plainItems(items.map((item) => ({ ...item, item })));
}

function plainOptions(options: vscode.QuickPickOptions): vscode.QuickPickOptions {
  return options.placeHolder === undefined ? options : { ...options, placeHolder: plain(options.placeHolder) };
}
