/** Reads `ohemLens.*`. */
import * as vscode from 'vscode';
import { OPTION_KEYS, checkPreset, type MiningConfig } from '../../core/mining/mining-options.js';
import { BACKGROUND_BELOW } from '../../core/predictions.js';
import type { Task } from '../../core/tables.js';
import { defaultConfig, presetConfig, resolveConfig } from '../../core/mining/select.js';
import type { PanelSettings } from '../../protocol/panel-messages.js';
import { SECTION, miningSettingName } from './settings-schema.js';
import { IMAGE_ORDER_IDS, type ImageOrder } from '../../core/facts/image-orders.js';

export function setting<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration(SECTION).get<T>(name, otherwise);
}

export function imageOrder(): ImageOrder {
  const value = setting<string>('imageOrder', 'sum');
  return IMAGE_ORDER_IDS.find((order) => order === value) ?? 'sum';
}

export function panelSettings(): PanelSettings {
  return {
    dim: share('dim', 0.35),
    colourMap: setting('colourMap', 'inferno'),
    backgroundBelow: backgroundBelow(),
  };
}

/** Detection score below which a prediction is background, [0, 1]. */
export function backgroundBelow(): number {
  return share('backgroundBelow', BACKGROUND_BELOW);
}

/** A setting within [0, 1]. */
function share(name: string, otherwise: number): number {
  const value = setting(name, otherwise);
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : otherwise;
}

/**
 * The configuration of a new run: the defaults of the preset, or of the task where none was chosen, then what a person
 * has set, then `changes`.
 * @throws MiningError 'options' that names the option and its range.
 */
export function miningConfig(task: Task, changes: Partial<MiningConfig> = {}): MiningConfig {
  const { preset = explicitValue(miningSettingName('preset')), ...given } = changes;
  const set = OPTION_KEYS.map((key) => [key, explicitValue(miningSettingName(key))]);
  const options = Object.entries({ ...Object.fromEntries(set), ...given }).filter(([, value]) => value !== undefined);
  if (preset !== undefined) return presetConfig(task, checkPreset(preset), Object.fromEntries(options));
  const { preset: own, ...defaults } = defaultConfig(task);
  return resolveConfig(own, { ...defaults, ...Object.fromEntries(options) });
}

/** What a person has set; undefined where the default stands, so that a preset's own default can take its place. */
function explicitValue(name: string): unknown {
  const found = vscode.workspace.getConfiguration(SECTION).inspect(name);
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
}
