/** Entry of the webview: the link to the host, the model, the views. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import type { Endpoint } from '../src/protocol/endpoint.js';
import type { PanelHost, PanelView } from '../src/protocol/panel-messages.js';
import { App } from './app.js';
import { openHostLink, type HostLink } from './link/host-link.js';
import { messageOf } from './words/message-of.js';
import './panel.css';
import { createActions } from './state/actions.js';
import { COMMANDS, handleKey, keyBindings } from './state/keyboard.js';
import { missingImages } from './rows/minibatch.js';
import { createModel } from './state/create-model.js';
import type { PanelModel } from './state/model.js';
import { readGallery } from './state/read-gallery.js';
import { addNotice, receiveExamples, receiver, receiveRois } from './state/receive.js';
import { readSaved, stateOf } from './state/saved.js';
import { pageData } from './words/page-data.js';

/** Rest after the last change before the state is kept, and before the host hears of another selection, ms. */
const [SAVE_DELAY, MINING_DELAY] = [150, 400];
/** Rest of the focus on an example before the host hears of it, ms. */
const EXAMPLE_DELAY = 200;

type Host = Endpoint<PanelHost>;

function start(root: HTMLElement): void {
  const link = openHostLink();
  const saved = readSaved(link.saved());
  const kept = pageData('kept');
  const model = createModel({ ...kept, ...saved?.choices });
  const host: Host = link.connect<PanelView, PanelHost>(
    {
      ...receiver(model, saved),
      command: ({ command }) => COMMANDS[command](actions),
      showGallery: ({ suspects }) => (suspects ? actions.checkLabels() : void actions.showGallery(true)),
      findSimilar: ({ place }) => actions.findSimilar(place),
      decide: ({ place, verdict }) => (place === null ? actions.decide(verdict) : actions.decideAt(place, verdict)),
    },
    (error) => addNotice(model, 'error', messageOf(error)),
  );
  const actions = createActions(model, host);
  render(<App panel={{ model, actions }} />, root);
  window.addEventListener('keydown', (event) => handleKey(event, actions, keyBindings(model.room.value)));
  keepState(link, model);
  tellMining(host, model);
  tellArrangement(host, model, kept);
  tellTouch(model, host);
  readMinibatch(host, model);
  readExamples(host, model);
  readMeasureChoices(host, model);
  tellExample(host, model);
  readGallery(host, model);
  host.tell('ready', { imageIndex: saved?.imageIndex ?? null });
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
function tellMining(host: Host, model: PanelModel): void {
  let timer = 0;
  let told = model.mining.peek();
  effect(() => {
    const [mining, manifest] = [model.mining.value, model.manifest.value];
    clearTimeout(timer);
    if (manifest === null || mining === told) return;
    if (mining === manifest.mining) told = mining;
    timer = window.setTimeout(() => {
      if (told !== mining) host.tell('miningChanged', { mining });
      told = mining;
    }, MINING_DELAY);
  });
}

/** Other panels of the workspace begin as this one was arranged last. */
function tellArrangement(host: Host, model: PanelModel, kept: Readonly<Record<string, unknown>>): void {
  let timer = 0;
  let told = JSON.stringify(model.choices.saveOfWorkspace(kept));
  effect(() => {
    const arrangement = model.choices.saveOfWorkspace(kept);
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const text = JSON.stringify(arrangement);
      if (text !== told) host.tell('arranged', { arrangement });
      told = text;
    }, MINING_DELAY);
  });
}

/** The first press of anything: from then on the host moves nothing by itself, until the person wants the newest. */
function tellTouch(model: PanelModel, host: Host): void {
  const tell = () => {
    if (model.touched.value) return;
    model.touched.value = true;
    host.tell('touched', {});
  };
  for (const kind of ['pointerdown', 'keydown', 'wheel'])
    window.addEventListener(kind, tell, { capture: true, passive: true });
}

/** The answer; null where it failed, which the person is told, or another run has come meanwhile. */
async function ofThisRun<T>(model: PanelModel, answer: Promise<T>): Promise<T | null> {
  const run = model.manifest.peek();
  try {
    const value = await answer;
    return model.manifest.peek()?.createdAt === run?.createdAt ? value : null;
  } catch (error) {
    addNotice(model, 'error', messageOf(error));
    return null;
  }
}

/**
 * Asks for the other images of the minibatch where the preset decides over all of them; again when the run has grown.
 */
function readMinibatch(host: Host, model: PanelModel): void {
  let asked = new Set<number>();
  let askedAt = '';
  const read = async (imageIndex: number) => {
    const image = await ofThisRun(model, host.call('readRois', { imageIndex }));
    if (image !== null) receiveRois(model, imageIndex, image);
  };
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
      if (!asked.has(imageIndex)) void read(imageIndex);
      asked.add(imageIndex);
    }
  });
}

/** Reads a classification run from its first image to its last, message by message, and what it grows by. */
function readExamples(host: Host, model: PanelModel): void {
  const waiting = signal(false);
  let asked = '';
  const read = async (first: number) => {
    waiting.value = true;
    const examples = await ofThisRun(model, host.call('readExamples', { first }));
    if (examples !== null) receiveExamples(model, examples);
    waiting.value = false;
  };
  effect(() => {
    const [manifest, examples] = [model.manifest.value, model.examples.value];
    if (manifest === null || !model.classification.value) return;
    const first = examples?.images.length ?? 0;
    const numKnown = Math.max(examples?.numKnown ?? 1, model.numImages.value);
    const occasion = `${manifest.createdAt} ${first} ${numKnown}`;
    if (waiting.value || first >= numKnown || occasion === asked) return;
    asked = occasion;
    void read(first);
  });
}

/** Asks what else a run can be measured by, once the person wants to know. */
function readMeasureChoices(host: Host, model: PanelModel): void {
  let asked = '';
  effect(() => {
    const [manifest, measured] = [model.manifest.value, model.measured.value];
    if (manifest === null || manifest.measure === null || measured === null || asked === manifest.createdAt) return;
    asked = manifest.createdAt;
    void ofThisRun(model, host.call('measureChoices', {})).then((choices) => (model.measureChoices.value = choices));
  });
}

/** The tree follows the example in focus, once that rests; pixels that must be converted come with the image. */
function tellExample(host: Host, model: PanelModel): void {
  let timer = 0;
  effect(() => {
    const [examples, row] = [model.examples.value, model.focused.value];
    clearTimeout(timer);
    const imageIndex = examples?.rois.imageIndex[row];
    if (examples === null || imageIndex === undefined || imageIndex === model.hostImage.peek()) return;
    timer = window.setTimeout(() => {
      model.hostImage.value = imageIndex;
      host.tell(examples.uris[imageIndex] === null ? 'showImage' : 'exampleShown', { imageIndex });
    }, EXAMPLE_DELAY);
  });
}

const root = document.getElementById('root');
if (root !== null) start(root);
