/** The keys of the panel: the one list that the handler and the help dialog read. */
import type { PanelCommand } from '../../src/protocol/panel-messages.js';
import type { Actions } from './actions.js';
import { LAYER_IDS } from './filters.js';

export interface KeyBinding {
  /** `KeyboardEvent.key` values, letters in lower case. */
  readonly keys: readonly string[];
  readonly help: string;
  readonly run: (actions: Actions, key: string) => void;
}

export const KEY_BINDINGS: readonly KeyBinding[] = [
  { keys: ['j', 'ArrowDown'], help: 'next RoI, easier', run: (actions) => actions.stepRoi(1) },
  { keys: ['k', 'ArrowUp'], help: 'previous RoI, harder', run: (actions) => actions.stepRoi(-1) },
  { keys: ['o'], help: 'next overlapping RoI below', run: (actions) => actions.nextBelow() },
  { keys: ['g'], help: 'go to the suppressor', run: (actions) => actions.goToSuppressor() },
  { keys: ['z'], help: 'zoom to the focused RoI', run: (actions) => actions.zoomToFocused() },
  { keys: ['r'], help: 'reveal the annotation', run: (actions) => actions.reveal() },
  { keys: ['n', 'ArrowRight', ']'], help: 'next image, easier', run: (actions) => actions.stepImage(1) },
  { keys: ['p', 'ArrowLeft', '['], help: 'previous image, harder', run: (actions) => actions.stepImage(-1) },
  {
    keys: LAYER_IDS.map((_, place) => String(place + 1)),
    help: 'toggle a layer, in the order of the chips',
    run: (actions, key) => actions.toggleLayerAt(Number(key) - 1),
  },
  { keys: ['f'], help: 'fit the image', run: (actions) => actions.fit() },
  { keys: ['0'], help: 'one image pixel to one screen pixel', run: (actions) => actions.actualSize() },
  { keys: ['+', '='], help: 'zoom in', run: (actions) => actions.zoomIn() },
  { keys: ['-'], help: 'zoom out', run: (actions) => actions.zoomOut() },
  { keys: ['?'], help: 'show the keys', run: (actions) => actions.showKeys(true) },
];

/** Elements that use keys themselves. */
const OWN_KEYS = 'input, select, textarea, dialog, [contenteditable], [role=slider]';

/** Carries out a key unless an element, a modifier or another handler claims it. */
export function handleKey(event: KeyboardEvent, actions: Actions): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(OWN_KEYS) !== null) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const binding = KEY_BINDINGS.find(({ keys }) => keys.includes(key));
  if (binding === undefined) return;
  event.preventDefault();
  binding.run(actions, key);
}

/** Commands of the palette, by the same actions. */
export const COMMANDS: Readonly<Record<PanelCommand, (actions: Actions) => void>> = {
  nextRoi: (actions) => actions.stepRoi(1),
  previousRoi: (actions) => actions.stepRoi(-1),
  nextImage: (actions) => actions.stepImage(1),
  previousImage: (actions) => actions.stepImage(-1),
  fit: (actions) => actions.fit(),
  actualSize: (actions) => actions.actualSize(),
  showKeys: (actions) => actions.showKeys(true),
};
