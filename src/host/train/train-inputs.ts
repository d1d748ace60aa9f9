/** Asks what a training needs to know; every question has an answer to start with. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { localPath } from '../base/local-path.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { DatasetFacts } from '../../core/facts/run-manifest.js';
import { samplerOf, SAMPLERS } from '../../core/mining/samplers/index.js';
import { presetText } from '../../core/mining/select.js';
import { STATE_FILE } from '../../protocol/training-folder.js';
import { CONFIG_FILE } from './train-folder.js';
import { listed } from '../base/listed.js';
import { miningConfig } from '../base/settings.js';
import { showInputBox, showQuickPick } from '../base/speak.js';

export interface TrainAnswers {
  readonly mining: MiningConfig;
  readonly frozenBody: boolean;
  readonly epochs: number;
  readonly learningRate: number;
  readonly validation: ValidationChoice;
  /** Absolute folder. */
  readonly out: string;
}

/** What mAP is measured on. */
export type ValidationChoice =
  | { readonly on: 'none' }
  | { readonly on: 'training' }
  | { readonly on: 'split'; readonly split: string }
  | { readonly on: 'data'; readonly path: string };

/** What the questions start from. */
export interface TrainDefaults {
  readonly mining: MiningConfig;
  readonly dataset: DatasetFacts;
  /** Splits of the data set. */
  readonly splits: readonly string[];
  readonly epochs: number;
  readonly learningRate: number;
  readonly frozenBody: boolean;
  readonly out: string;
}

/** Splits that a training is measured on, the likeliest first. */
const VALIDATION_SPLITS = ['val', 'test', 'trainval', 'train'];
/** With the body fixed, and not. */
const NUM_QUESTIONS = [5, 6] as const;

type Title = (words: string) => string;

/** Titles of questions that count themselves, from `numAsked` on. @param numQuestions `5–6`: either. */
function titles(numQuestions: number | string, numAsked: number): Title {
  let place = numAsked;
  return (words) => vscode.l10n.t('Train With Hard Examples ({0}/{1}): {2}', ++place, numQuestions, words);
}

/** @returns undefined where the person gave up. */
export async function askTraining(defaults: TrainDefaults): Promise<TrainAnswers | undefined> {
  const mining = await askSampler(defaults.mining);
  if (mining === undefined) return undefined;
  // Bootstrap remembers RoIs by their place, so they have to stay: the body is no question.
  const isBodyFrozen = samplerOf(mining.preset).looks === 'in rounds';
  const title = titles(NUM_QUESTIONS[isBodyFrozen ? 0 : 1], 1);
  const frozenBody = isBodyFrozen || (await askBody(title, defaults.frozenBody));
  if (frozenBody === undefined) return undefined;
  const epochs = await askNumber(
    title(vscode.l10n.t('Epochs')),
    vscode.l10n.t('How often each image is seen'),
    defaults.epochs,
    checkEpochs,
  );
  if (epochs === undefined) return undefined;
  const rateHint = vscode.l10n.t(
    'How far each step goes. A checkpoint that is trained further begins with a tenth of its first rate',
  );
  const learningRate = await askNumber(
    title(vscode.l10n.t('Learning Rate')),
    rateHint,
    defaults.learningRate,
    checkLearningRate,
  );
  if (learningRate === undefined) return undefined;
  const validation = await askValidation(title, defaults);
  const out = validation && (await askFolder(title, defaults.out));
  return validation === undefined || out === undefined
    ? undefined
    : { mining, frozenBody, epochs, learningRate, validation, out };
}

async function askSampler(own: MiningConfig): Promise<MiningConfig | undefined> {
  const others = SAMPLERS.filter(({ id }) => id !== own.preset).map(({ id, title: words }) => ({
    label: id,
    description: listed(words),
    preset: id,
  }));
  const first = {
    label: own.preset,
    description: vscode.l10n.t('{0}, as this run was mined', presetText(own)),
    preset: undefined,
  };
  const picked = await showQuickPick([first, ...others], {
    title: titles(NUM_QUESTIONS.join('–'), 0)(vscode.l10n.t('Which RoIs Train')),
    placeHolder: vscode.l10n.t('The preset that chooses the RoIs of each step'),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  return picked.preset === undefined
    ? own
    : { ...miningConfig('detection', { preset: picked.preset }), imagesPerBatch: own.imagesPerBatch };
}

async function askBody(title: Title, frozen: boolean): Promise<boolean | undefined> {
  const all = {
    label: vscode.l10n.t('All Layers'),
    description: vscode.l10n.t('body, proposals and RoI head'),
    frozen: false,
  };
  const head = {
    label: vscode.l10n.t('RoI Head Only'),
    description: vscode.l10n.t('the body stays as it is; its features are computed once: faster'),
    frozen: true,
  };
  const picked = await showQuickPick(frozen ? [head, all] : [all, head], {
    title: title(vscode.l10n.t('Which Layers Learn')),
    placeHolder: vscode.l10n.t('The part of the network that is trained'),
  });
  return picked?.frozen;
}

async function askNumber(
  title: string,
  prompt: string,
  value: number,
  check: (text: string) => string,
): Promise<number | undefined> {
  const text = await showInputBox({
    title,
    prompt,
    value: String(value),
    check,
  });
  return text === undefined ? undefined : Number(text);
}

/** '' or what is wrong. */
export function checkEpochs(text: string): string {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= 100_000
    ? ''
    : vscode.l10n.t('A whole number from 1 to 100000');
}

/** '' or what is wrong. */
export function checkLearningRate(text: string): string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && value > 0
    ? ''
    : vscode.l10n.t('A number above 0, such as 0.002');
}

async function askValidation(
  title: Title,
  { dataset, splits: all }: TrainDefaults,
): Promise<ValidationChoice | undefined> {
  const splits = VALIDATION_SPLITS.filter((name) => name !== dataset.split && all.includes(name));
  const items: (vscode.QuickPickItem & { readonly choice: ValidationChoice | null })[] = [
    ...splits.map((name) => ({
      label: name,
      description: vscode.l10n.t('another split of the same images'),
      choice: { on: 'split' as const, split: name },
    })),
    {
      label: vscode.l10n.t('The Training Images'),
      description: vscode.l10n.t('how well they are learnt, not how well others will be found'),
      choice: { on: 'training' },
    },
    { label: vscode.l10n.t('No mAP'), description: vscode.l10n.t('faster'), choice: { on: 'none' } },
    { label: `$(folder-opened) ${vscode.l10n.t('Other Annotated Images…')}`, choice: null },
  ];
  const words = {
    title: title(vscode.l10n.t('How It Is Measured')),
    placeHolder: vscode.l10n.t('Images on which mAP is measured before the first step and after each epoch'),
  };
  const picked = await showQuickPick(items, words);
  if (picked === undefined || picked.choice !== null) return picked?.choice ?? undefined;
  const [uri] =
    (await vscode.window.showOpenDialog({ canSelectFiles: true, canSelectFolders: true, title: words.placeHolder })) ??
    [];
  return uri && { on: 'data', path: localPath(uri) };
}

async function askFolder(title: Title, value: string): Promise<string | undefined> {
  const prompt = vscode.l10n.t('A new folder for the checkpoint, the log, and the state to go on from');
  const given = await showInputBox({
    title: title(vscode.l10n.t('Where It Is Kept')),
    prompt,
    value,
    check: checkFolder,
  });
  return given?.trim();
}

/** '' or what is wrong. */
export function checkFolder(given: string): string {
  if (!isAbsolute(given.trim())) return vscode.l10n.t('An absolute path');
  return [CONFIG_FILE, STATE_FILE].some((file) => existsSync(join(given.trim(), file)))
    ? vscode.l10n.t('This folder holds a training already')
    : '';
}
