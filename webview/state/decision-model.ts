/** What people decided on the run, and what the person here decides on. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import * as v from 'valibot';
import { NONE } from '../../src/core/tables.js';
import { groupByImage, type Decision } from '../../src/core/triage/decisions.js';
import {
  DECIDABLES,
  NO_DECISIONS,
  placeDecisions,
  type Decidable,
  type ImageDecisions,
  type ImageTables,
} from '../../src/core/triage/placed-decisions.js';
import type { RunVerdicts } from '../../src/protocol/panel-messages.js';
import { choice, type Choices, type Chosen } from './choice.js';

/** What a verdict is about where the focused RoI has an object. */
const ABOUT = choice({ name: 'decideAbout', initial: 'object', schema: v.picklist(DECIDABLES) });
const FIRST: RunVerdicts = { decisions: [], author: '', canUndo: false, canRedo: false };

export interface DecisionModel {
  readonly all: Signal<RunVerdicts>;
  readonly byImage: ReadonlySignal<ReadonlyMap<string, readonly Decision[]>>;
  /** On the image in the picture. */
  readonly here: ReadonlySignal<ImageDecisions>;
  readonly about: Chosen<Decidable>;
  /** What can be decided on in the picture now, and what is. */
  readonly abouts: ReadonlySignal<readonly Decidable[]>;
  readonly what: ReadonlySignal<Decidable>;
}

interface Sources {
  readonly image: ReadonlySignal<(ImageTables & { readonly summary: { readonly id: string } }) | null>;
  readonly manifest: ReadonlySignal<{ readonly classes: readonly string[] } | null>;
  readonly focused: ReadonlySignal<number>;
}

export function createDecisions(choices: Choices, { image: shown, manifest, focused }: Sources): DecisionModel {
  const all = signal(FIRST);
  const about = choices.of(ABOUT);
  const byImage = computed(() => groupByImage(all.value.decisions));
  const abouts = computed((): readonly Decidable[] => {
    const image = shown.value;
    if (image === null || focused.value === NONE || focused.value >= image.rois.numRois) return ['image'];
    return image.rois.gtIndex[focused.value] === NONE ? ['roi', 'image'] : ['object', 'roi', 'image'];
  });
  return {
    all,
    byImage,
    here: computed(() => {
      const image = shown.value;
      const decisions = image === null ? undefined : byImage.value.get(image.summary.id);
      if (image === null || decisions === undefined) return NO_DECISIONS;
      return placeDecisions(decisions, image, manifest.value?.classes ?? []);
    }),
    about,
    abouts,
    what: computed(() => (abouts.value.includes(about.value) ? about.value : (abouts.value[0] ?? 'image'))),
  };
}
