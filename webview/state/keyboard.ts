/** The keys of the panel: the lists that the handler and the help dialog read. */
import { VERDICTS } from '../../src/core/triage/decisions.js';
import { STATUS_NAMES } from '../../src/core/tables.js';
import type { PanelCommand } from '../../src/protocol/panel-messages.js';
import type { Actions } from './actions.js';
import type { Room } from './model.js';
import { LAYER_IDS, NO_FILTERS } from '../rows/filters.js';
import { VERDICT_KEYS } from '../rows/verdict-words.js';
import { t, tListed } from '../words/t.js';

export interface KeyBinding {
  /** `KeyboardEvent.key` values, letters in lower case. */
  readonly keys: readonly string[];
  readonly help: string;
  readonly run: (actions: Actions, key: string) => void;
}

/** Of every room. */
const COMMON_KEYS: readonly KeyBinding[] = [
  ...VERDICTS.map(({ id, says }): KeyBinding => ({
    keys: [VERDICT_KEYS[id]],
    help: t('verdict {0}: {1}', tListed(id), tListed(says)),
    run: (actions) => actions.decide(id),
  })),
  { keys: ['Backspace'], help: t('take the own verdict back'), run: (actions) => actions.decide(null) },
  { keys: ['q'], help: t('labels to check'), run: (actions) => actions.checkLabels() },
  { keys: ['s'], help: t('items that look like this one'), run: (actions) => actions.findSimilar(null) },
  { keys: ['t'], help: t('what the word under the pointer means'), run: (actions) => actions.explain() },
];

/** Of the picture with its RoIs. */
const STAGE_KEYS: readonly KeyBinding[] = [
  { keys: ['j', 'ArrowDown'], help: t('next RoI, easier'), run: (actions) => actions.stepRoi(1) },
  { keys: ['k', 'ArrowUp'], help: t('previous RoI, harder'), run: (actions) => actions.stepRoi(-1) },
  { keys: ['o'], help: t('next overlapping RoI below'), run: (actions) => actions.nextBelow() },
  { keys: ['g'], help: t('go to the suppressor'), run: (actions) => actions.goToSuppressor() },
  { keys: ['z'], help: t('zoom to the focused RoI'), run: (actions) => actions.zoomToFocused() },
  { keys: ['r'], help: t('reveal the annotation'), run: (actions) => actions.reveal() },
  { keys: ['n', 'ArrowRight', ']'], help: t('next image, easier'), run: (actions) => actions.stepImage(1) },
  { keys: ['p', 'ArrowLeft', '['], help: t('previous image, harder'), run: (actions) => actions.stepImage(-1) },
  layerKeys(LAYER_IDS.length),
  { keys: ['a'], help: t('all examples of the run'), run: (actions) => actions.showGallery(true) },
  { keys: ['v'], help: t('verdicts on the RoI, its object, the image'), run: (actions) => actions.stepAbout() },
  ...COMMON_KEYS,
  { keys: ['f'], help: t('fit the image'), run: (actions) => actions.fit() },
  { keys: ['0'], help: t('one image pixel to one screen pixel'), run: (actions) => actions.actualSize() },
  { keys: ['+', '='], help: t('zoom in'), run: (actions) => actions.zoomIn() },
  { keys: ['-'], help: t('zoom out'), run: (actions) => actions.zoomOut() },
  { keys: ['?'], help: t('show the keys'), run: (actions) => actions.showKeys(true) },
];

/** Of the grid of examples. */
const GRID_KEYS: readonly KeyBinding[] = [
  { keys: ['ArrowRight', 'j'], help: t('next example, easier'), run: (actions) => actions.stepRoi(1) },
  { keys: ['ArrowLeft', 'k'], help: t('previous example, harder'), run: (actions) => actions.stepRoi(-1) },
  { keys: ['ArrowDown'], help: t('one row down'), run: (actions) => actions.stepGridRows(1) },
  { keys: ['ArrowUp'], help: t('one row up'), run: (actions) => actions.stepGridRows(-1) },
  { keys: ['PageDown'], help: t('one screen down'), run: (actions) => actions.stepGridPages(1) },
  { keys: ['PageUp'], help: t('one screen up'), run: (actions) => actions.stepGridPages(-1) },
  { keys: ['Home'], help: t('first example'), run: (actions) => actions.stepRoi(-Infinity) },
  { keys: ['End'], help: t('last example'), run: (actions) => actions.stepRoi(Infinity) },
  { keys: ['w'], help: t('misclassified only'), run: (actions) => actions.toggleWrong() },
  { keys: ['x'], help: t('clear the filters'), run: (actions) => actions.setFilters(NO_FILTERS) },
  layerKeys(STATUS_NAMES.length),
  ...COMMON_KEYS,
  { keys: ['o'], help: t('open the image'), run: (actions) => actions.openImage() },
  { keys: ['r'], help: t('reveal the annotation'), run: (actions) => actions.reveal() },
  { keys: ['?'], help: t('show the keys'), run: (actions) => actions.showKeys(true) },
];

/** Of all items of a detection run. */
const GALLERY_KEYS: readonly KeyBinding[] = [
  { keys: ['ArrowRight', 'j'], help: t('next item'), run: (actions) => actions.stepItem(1) },
  { keys: ['ArrowLeft', 'k'], help: t('previous item'), run: (actions) => actions.stepItem(-1) },
  { keys: ['ArrowDown'], help: t('one row down'), run: (actions) => actions.stepItemLines(1) },
  { keys: ['ArrowUp'], help: t('one row up'), run: (actions) => actions.stepItemLines(-1) },
  { keys: ['PageDown'], help: t('one screen down'), run: (actions) => actions.stepItemPages(1) },
  { keys: ['PageUp'], help: t('one screen up'), run: (actions) => actions.stepItemPages(-1) },
  { keys: ['Home'], help: t('first item'), run: (actions) => actions.stepItem(-Infinity) },
  { keys: ['End'], help: t('last item'), run: (actions) => actions.stepItem(Infinity) },
  { keys: ['Enter', 'o'], help: t('open the image at the item'), run: (actions) => actions.openItem() },
  ...COMMON_KEYS,
  { keys: ['x'], help: t('clear the filters'), run: (actions) => actions.clearGallery() },
  { keys: ['Escape', 'a'], help: t('back to the picture'), run: (actions) => actions.showGallery(false) },
  { keys: ['?'], help: t('show the keys'), run: (actions) => actions.showKeys(true) },
];

const KEYS: Readonly<Record<Room, readonly KeyBinding[]>> = {
  picture: STAGE_KEYS,
  examples: GRID_KEYS,
  gallery: GALLERY_KEYS,
};

/** The keys of what stands in the middle. */
export function keyBindings(room: Room): readonly KeyBinding[] {
  return KEYS[room];
}

function layerKeys(numLayers: number): KeyBinding {
  return {
    keys: LAYER_IDS.slice(0, numLayers).map((_, place) => String(place + 1)),
    help: t('toggle a layer, in the order of the chips'),
    run: (actions, key) => actions.toggleLayerAt(Number(key) - 1),
  };
}

/** Elements that use keys themselves. */
const OWN_KEYS = 'input, select, textarea, dialog, [contenteditable], [role=slider], [role=grid]';

/** Carries out a key unless an element, a modifier or another handler claims it. */
export function handleKey(event: KeyboardEvent, actions: Actions, bindings: readonly KeyBinding[]): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(OWN_KEYS) !== null) return;
  // A button is pressed by it.
  if (event.key === 'Enter' && event.target instanceof Element && event.target.closest('button, a') !== null) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const binding = bindings.find(({ keys }) => keys.includes(key));
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
  undoDecision: (actions) => actions.undoDecision(),
  redoDecision: (actions) => actions.redoDecision(),
  exportSelection: (actions) => actions.exportSelection(),
  copyPython: (actions) => actions.copyPython(),
};
