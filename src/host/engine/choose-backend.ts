/** "Choose Backend…": every backend with its verdict and its speed here; picking one pins it. */
import * as vscode from 'vscode';
import type { BackendVerdict } from '../../core/facts/backend-verdict.js';
import type { EngineService } from './engine-service.js';
import { listed } from '../base/listed.js';
import { messageOf } from '../base/log.js';
import { setting } from '../base/settings.js';
import { SECTION } from '../base/settings-schema.js';
import { plainItems, showInformationMessage, showQuickPick } from '../base/speak.js';

interface BackendItem extends vscode.QuickPickItem {
  /** Id to pin; '' none. */
  readonly pin?: string;
  readonly command?: string;
}

const REFRESH: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('refresh'),
  tooltip: vscode.l10n.t('Look again'),
};

/** @param given an id to pin, '' for the best, for other extensions and tests; else the person is asked. */
export async function chooseBackend(engine: EngineService, given?: string): Promise<void> {
  if (given !== undefined) return pinBackend(given);
  const picked = await pick(engine);
  if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
  else if (picked?.pin !== undefined) await pinBackend(picked.pin);
}

/**
 * Asks on which other backend to mine: nothing is changed without the person's word.
 * @param failed the id that is left out; those that open a format of its, the next best first.
 */
export async function askOtherBackend(engine: EngineService, failed: string): Promise<string | undefined> {
  const { verdicts } = await engine.call('backends', {});
  const others = otherBackends(verdicts, failed);
  if (others.length === 0) {
    void showInformationMessage(vscode.l10n.t('No other backend runs here for this format.'));
    return undefined;
  }
  const items = others.map(({ id, title, speed }) => ({
    label: id,
    description: [
      listed(title),
      ...(speed > 0 ? [vscode.l10n.t('{0} forwards/s', Number(speed.toPrecision(3)))] : []),
    ].join(' · '),
    id,
  }));
  const placeHolder = vscode.l10n.t('Mines all images anew into another file: a run never mixes backends');
  return (await showQuickPick(items, { title: vscode.l10n.t('Mine on Another Backend'), placeHolder }))?.id;
}

/**
 * Backends that run and open a format of the one that failed: those that rank behind it first. An unknown one shares
 * every format.
 */
export function otherBackends(verdicts: readonly BackendVerdict[], failed: string): readonly BackendVerdict[] {
  const at = verdicts.findIndex(({ id }) => id === failed);
  const formats = verdicts[at]?.formats;
  const fits = (verdict: BackendVerdict) =>
    verdict.runs &&
    verdict.id !== failed &&
    (formats === undefined || verdict.formats.some((format) => formats.includes(format)));
  return [...verdicts.slice(at + 1), ...verdicts.slice(0, Math.max(at, 0))].filter(fits);
}

/** Where the setting stands already, else for the person. */
async function pinBackend(id: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const isOfWorkspace = settings.inspect('backend')?.workspaceValue !== undefined;
  await settings.update(
    'backend',
    id === '' ? undefined : id,
    isOfWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global,
  );
}

/** Lists at once what needs no process; verdicts come when they are found. */
function pick(engine: EngineService): Promise<BackendItem | undefined> {
  const list = vscode.window.createQuickPick<BackendItem>();
  list.title = vscode.l10n.t('Backend of new runs');
  list.placeholder = vscode.l10n.t('Pick one to pin it: then no other is taken. A resumed run goes on with its own.');
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.buttons = [REFRESH];
  const load = async (refresh: boolean) => {
    list.busy = true;
    try {
      const { verdicts } = await engine.call('backends', { refresh });
      list.items = plainItems(itemsOf(verdicts, setting('backend', '').trim()));
      list.activeItems = list.items.filter(({ pin }) => pin !== undefined && pin === setting('backend', '').trim());
    } catch (error) {
      const failure = { label: `$(error) ${messageOf(error)}` };
      list.items = plainItems([...itemsOf([], setting('backend', '').trim()), failure]);
    } finally {
      list.busy = false;
    }
  };
  list.items = [{ label: `$(loading~spin) ${vscode.l10n.t('Trying each backend in a process of its own…')}` }];
  list.onDidTriggerButton(() => void load(true));
  return new Promise((resolve) => {
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      if (item?.pin === undefined && item?.command === undefined) return;
      resolve(item);
      list.hide();
    });
    list.onDidHide(() => {
      resolve(undefined);
      list.dispose();
    });
    list.show();
    void load(false);
  });
}

/** Verdicts as lines, best first, between "the best" and the set-up. @param pinned '' none. */
export function itemsOf(verdicts: readonly BackendVerdict[], pinned: string): BackendItem[] {
  const pinnedText = vscode.l10n.t('pinned');
  const separator = (label: string): BackendItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const line = ({ id, title, runs, version, device, reason, speed, formats }: BackendVerdict): BackendItem => ({
    label: `$(${id === pinned ? 'pinned' : runs ? 'pass' : 'circle-slash'}) ${id}`,
    description: [
      runs ? listed(title) : vscode.l10n.t('does not run'),
      ...(speed > 0 ? [vscode.l10n.t('{0} forwards/s', Number(speed.toPrecision(3)))] : []),
      ...(id === pinned ? [pinnedText] : []),
    ].join(' · '),
    detail: runs ? `${version} · ${device} · ${formats.join(', ')}` : listed(reason),
    pin: id,
  });
  const unknown = pinned !== '' && !verdicts.some(({ id }) => id === pinned);
  return [
    {
      label: `$(${pinned === '' ? 'check' : 'wand'}) ${vscode.l10n.t('The best that runs here')}`,
      description: pinned === '' ? vscode.l10n.t('now') : '',
      detail: vscode.l10n.t('Chosen for each checkpoint by its format, in this order'),
      pin: '',
    },
    ...(unknown
      ? [
          {
            label: `$(warning) ${pinned}`,
            description: pinnedText,
            detail: vscode.l10n.t('Not known here: runs will fail'),
            pin: pinned,
          },
        ]
      : []),
    separator(vscode.l10n.t('They run')),
    ...verdicts.filter(({ runs }) => runs).map(line),
    separator(vscode.l10n.t('They do not')),
    ...verdicts.filter(({ runs }) => !runs).map(line),
    separator(''),
    { label: `$(tools) ${vscode.l10n.t('Set Up GPU Backend')}…`, command: 'ohemLens.setUpBackend' },
  ];
}
