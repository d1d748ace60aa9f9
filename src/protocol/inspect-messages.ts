/**
 * What a checkpoint is taken for, as the editor sees it: what the engine process tells of an inspection, and the
 * conversation of the extension host and the wizard's webview.
 */
import type { Phrase, Said } from '../core/said.js';
import * as v from 'valibot';
import { name, whole, type Schemas } from './check.js';

/** Boxes of one image as columns, image px. */
export interface LabelledBoxes {
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
  /** Name of the class; '' none. */
  readonly label: readonly string[];
}

export interface FoundBoxes extends LabelledBoxes {
  /** Probability, best first. */
  readonly score: readonly number[];
}

/** An annotated image to look at. */
export interface InspectedImage {
  readonly path: string;
  /** px */
  readonly width: number;
  readonly height: number;
  readonly gts: LabelledBoxes;
}

/** A way to read the checkpoint. */
export interface ReadingFacts {
  /** `as it is`, else what differs. */
  readonly name: string;
  /** Mean best IoU of the objects with as many of the best boxes, [0, 1]. */
  readonly fit: number;
  /** For each image as many boxes as it has objects. */
  readonly boxes: readonly FoundBoxes[];
}

/** One thing that the family's contract can say otherwise. */
export interface RepairFacts {
  readonly id: string;
  readonly title: string;
  readonly choices: readonly string[];
  /** Index of the one that the chosen reading has; null: none of them, or what the tensors themselves tell. */
  readonly chosen: number | null;
}

export interface InspectionState {
  /** Images to look at, never none. */
  readonly images: readonly InspectedImage[];
  /** All that were measured, the best fit first. */
  readonly readings: readonly ReadingFacts[];
  /** Index of the reading that is looked at, and would be saved. */
  readonly chosen: number;
  /** Of the chosen one: [what, which] lines; '' goes on with the line before. */
  readonly facts: readonly (readonly [string, Phrase])[];
  /** How sure it is, and why. */
  readonly evidence: Said;
  readonly isWeak: boolean;
  readonly repairs: readonly RepairFacts[];
}

/** What a saved contract came to. */
export interface SavedReading {
  readonly path: string;
  /** Keys that the contract on the disk says otherwise: where there are any, nothing was written. */
  readonly contradicted: readonly string[];
}

/** Where the wizard stands. */
export interface WizardState {
  /** Name of the checkpoint's file. */
  readonly title: string;
  readonly inspection: InspectionState;
  /** One an image; null where the pixels cannot be shown. */
  readonly uris: readonly (string | null)[];
  /** Mining goes on after the saving. */
  readonly minesNext: boolean;
}

/** What the host tells the wizard. */
export interface WizardView {
  wizard(params: { readonly wizard: WizardState }): void;
  notice(params: { readonly text: string }): void;
}

/** What the wizard asks of the host or tells it. */
export interface WizardHost {
  /** The webview can receive. */
  ready(params: object): void;
  /** Looks at another reading. */
  take(params: { readonly reading: number }): void;
  /** Measures the chosen reading with one thing changed, and looks at that. */
  repair(params: { readonly id: string; readonly choice: number }): void;
  /** Writes the chosen reading into the contract and closes the wizard. */
  save(params: object): void;
}

const index = whole(0, 2 ** 16);

/** What the host takes from the wizard. */
export const WIZARD_REQUESTS: Schemas<WizardHost> = {
  ready: v.object({}),
  take: v.object({ reading: index }),
  repair: v.object({ id: name, choice: index }),
  save: v.object({}),
};
