/** Which one set-up a person most likely wants on this machine, and why. */
import * as vscode from 'vscode';
import type { SetupChoiceFacts, SetupSurveyLine } from '../../protocol/setup-messages.js';

interface Rule {
  readonly id: SetupChoiceFacts['id'];
  fits(survey: SetupSurveyLine): boolean;
  readonly reason: () => string;
}

/** The first that fits and can be had here is taken; the last always can be. */
const RULES: readonly Rule[] = [
  {
    id: 'onnx-cuda',
    fits: ({ machine }) => machine.gpu !== '' && machine.cuda.startsWith('13.'),
    reason: () => vscode.l10n.t('An NVIDIA GPU and CUDA 13 are here: the fastest for ONNX models'),
  },
  {
    id: 'webgpu',
    fits: ({ machine }) => machine.gpu !== '',
    reason: () => vscode.l10n.t('An NVIDIA GPU is here: this needs its driver alone, no CUDA'),
  },
  {
    id: 'webgpu',
    fits: ({ machine }) => !machine.platform.startsWith('linux'),
    reason: () => vscode.l10n.t('It uses the GPU by what the system has: Metal or Direct3D 12'),
  },
  {
    id: 'tensorflow',
    fits: ({ linked }) => linked === null,
    reason: () => vscode.l10n.t('No GPU was seen, but TensorFlow is here: SavedModels and training need it'),
  },
  {
    id: 'none',
    fits: () => true,
    reason: () => vscode.l10n.t('No GPU was seen: ONNX models run on the CPU as they are'),
  },
];

export interface Recommendation {
  readonly choice: SetupChoiceFacts;
  /** Why, in a sentence that fits a line of a list. */
  readonly reason: string;
}

/** @returns undefined where a survey has none of them. */
export function recommendSetup(survey: SetupSurveyLine): Recommendation | undefined {
  for (const { id, fits, reason } of RULES) {
    const choice = survey.choices.find((each) => each.id === id && each.why === '');
    if (choice !== undefined && fits(survey)) return { choice, reason: reason() };
  }
  return undefined;
}
