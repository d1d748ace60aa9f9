/** Entry of the webview: the link to the host, the model, the views. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.js';
import { openHostLink, type HostLink } from './link/host-link.js';
import './panel.css';
import { createActions, type Actions } from './state/actions.js';
import { COMMANDS, handleKey, keyBindings } from './state/keyboard.js';
import { missingImages, runMining } from './rows/minibatch.js';
import { createModel } from './state/create-model.js';
import type { PanelModel } from './state/model.js';
import { receive } from './state/receive.js';
import { readSaved, stateOf } from './state/saved.js';

/** Rest after the last change before the state is kept, and before the host hears of another selection, ms. */
const [SAVE_DELAY, MINING_DELAY] = [150, 400];
/** Rest of the focus on an example before the host hears of it, ms. */
const EXAMPLE_DELAY = 200;

function start(root: HTMLElement): void {
  const link = openHostLink();
  const saved = readSaved(link.saved());
  const model = createModel(saved?.choices);
  const actions = createActions(model, link);
  render(<App panel={{ model, actions }} />, root);
  window.addEventListener('keydown', (event) => handleKey(event, actions, keyBindings(model.classification.value)));
  listen(link, model, actions, saved);
  keepState(link, model);
  tellMining(link, model);
  tellTouch(link);
  readMinibatch(link, model);
  readExamples(link, model);
  tellExample(link, model);
  link.post({ kind: 'ready', imageIndex: saved?.imageIndex ?? null });
}

function listen(link: HostLink, model: PanelModel, actions: Actions, saved: ReturnType<typeof readSaved>): void {
  link.listen((message) => {
    if (message.kind === 'command') COMMANDS[message.command]?.(actions);
    else receive(model, message, saved);
  });
}

/** Saves after each change, at rest; and at once when the tab is left. */
function keepState(link: HostLink, model: PanelModel): void {
  let timer = 0;
  const save = () => {
    const state = stateOf(model);
    if (state !== null) link.save(state);
  };
  effect(() => {
    if (stateOf(model) === null) return;
    clearTimeout(timer);
    timer = window.setTimeout(save, SAVE_DELAY);
  });
  document.addEventListener('visibilitychange', save);
  window.addEventListener('pagehide', save);
}

/** The host re-sorts its tree by what the person chose, once that rests. The run's own setting is no news. */
function tellMining(link: HostLink, model: PanelModel): void {
  let timer = 0;
  let told = model.mining.peek();
  effect(() => {
    const [mining, manifest] = [model.mining.value, model.manifest.value];
    clearTimeout(timer);
    if (manifest === null || mining === told) return;
    if (mining === manifest.mining) told = mining;
    timer = window.setTimeout(() => {
      if (told !== mining) link.post({ kind: 'miningChanged', mining: runMining(mining, model.examples.peek()) });
      told = mining;
    }, MINING_DELAY);
  });
}

/** The first press of anything: from then on the host moves nothing by itself. */
function tellTouch(link: HostLink): void {
  const controller = new AbortController();
  const tell = () => {
    controller.abort();
    link.post({ kind: 'touched' });
  };
  for (const kind of ['pointerdown', 'keydown', 'wheel'])
    window.addEventListener(kind, tell, { signal: controller.signal, capture: true, passive: true });
}

/**
 * Asks for the other images of the minibatch where the preset decides over all of them; again when the run has grown.
 */
function readMinibatch(link: HostLink, model: PanelModel): void {
  let asked = new Set<number>();
  let askedAt = '';
  effect(() => {
    const image = model.image.value;
    if (image === null) return;
    const occasion = `${image.imageIndex} ${model.manifest.value?.createdAt} ${model.progress.value?.numDone}`;
    if (occasion !== askedAt) asked = new Set();
    askedAt = occasion;
    const wanted = [model.minibatch.value, model.other.minibatch.value].flatMap((batch) =>
      missingImages(batch, image.imageIndex, model.others.value),
    );
    for (const imageIndex of wanted) {
      if (!asked.has(imageIndex)) link.post({ kind: 'readRois', imageIndex });
      asked.add(imageIndex);
    }
  });
}

/** Reads a classification run from its first image to its last, message by message, and what it grows by. */
function readExamples(link: HostLink, model: PanelModel): void {
  const waiting = signal(false);
  let asked = '';
  link.listen((message) => {
    if (message.kind === 'examples') waiting.value = false;
  });
  effect(() => {
    const [manifest, examples] = [model.manifest.value, model.examples.value];
    if (manifest === null || !model.classification.value) return;
    const first = examples?.images.length ?? 0;
    const numKnown = Math.max(examples?.numKnown ?? 1, model.numImages.value);
    const occasion = `${manifest.createdAt} ${first} ${numKnown}`;
    if (waiting.value || first >= numKnown || occasion === asked) return;
    asked = occasion;
    waiting.value = true;
    link.post({ kind: 'readExamples', first });
  });
}

/** The tree follows the example in focus, once that rests; pixels that must be converted come with the image. */
function tellExample(link: HostLink, model: PanelModel): void {
  let timer = 0;
  effect(() => {
    const [examples, row] = [model.examples.value, model.focused.value];
    clearTimeout(timer);
    const imageIndex = examples?.rois.imageIndex[row];
    if (examples === null || imageIndex === undefined || imageIndex === model.hostImage.peek()) return;
    timer = window.setTimeout(() => {
      model.hostImage.value = imageIndex;
      link.post({ kind: examples.uris[imageIndex] === null ? 'showImage' : 'exampleShown', imageIndex });
    }, EXAMPLE_DELAY);
  });
}

const root = document.getElementById('root');
if (root !== null) start(root);
