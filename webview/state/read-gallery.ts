/** Asks the host about the gallery while that is open: the answer to each query, and the pages that come into sight. */
import { batch, effect } from '@preact/signals';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { GalleryAnswer, GalleryQuery } from '../../src/protocol/gallery-messages.js';
import type { PanelHost } from '../../src/protocol/panel-messages.js';
import { messageOf } from '../words/message-of.js';
import { PAGE } from './gallery-model.js';
import type { PanelModel } from './model.js';
import { addNotice, dropNotice } from './receive.js';
import { t } from '../words/t.js';

export function readGallery(host: Endpoint<PanelHost>, model: PanelModel): void {
  const { gallery } = model;
  /** What the answer, or the one that is waited for, is to. */
  let asked = '';
  let asking = new AbortController();
  /** Pages that have been asked for since the last answer, but for those that failed. */
  let [pagesAsked, pagesOf]: [Set<number>, unknown] = [new Set(), null];
  /** Why a page did not come, while none has come since; ''. */
  let pageFault = '';
  /** Query of the answer that is shown. */
  let shown = '';

  const answer = async (stop: AbortController) => {
    const [mining, query] = [model.mining.peek(), gallery.query.peek()];
    gallery.waiting.value = { progress: null, stop: () => stop.abort() };
    const call = host.call('galleryQuery', { mining, query }, stop.signal);
    const result = await settled(call, stop.signal);
    // Another question has come meanwhile.
    if (stop !== asking) return;
    const known = stop.signal.aborted ? asFarAsKnown(query) : null;
    if (known !== null) return void (gallery.query.value = known);
    batch(() => {
      gallery.waiting.value = null;
      gallery.error.value = result.error;
      gallery.answer.value = result.found;
      // The same question again, after a decision: the cells stay until theirs have come.
      if (shown !== JSON.stringify(query)) gallery.pages.value = new Map();
      gallery.pagesKind.value = query.kind;
      shown = JSON.stringify(query);
    });
  };

  effect(() => {
    const [manifest, mining] = [model.manifest.value, model.mining.value];
    if (manifest === null || !gallery.open.value) return;
    const { query, stale } = gallery;
    const { backgroundBelow } = model.settings.value;
    const occasion = JSON.stringify([manifest.createdAt, mining, query.value, stale.value, backgroundBelow]);
    if (occasion === asked) return;
    asked = occasion;
    asking.abort();
    asking = new AbortController();
    void answer(asking);
  });

  effect(() => {
    const [found, { first, last }] = [gallery.answer.value, gallery.wanted.value];
    // A page that is asked for while an answer is waited for would be of that one.
    if (found === null || gallery.waiting.value !== null || !gallery.open.value) return;
    for (let page = first; page <= last; page++) if (page * PAGE < found.numShown) void readPage(page, asking);
  });

  async function readPage(page: number, { signal }: AbortController): Promise<void> {
    const found = gallery.answer.peek();
    if (pagesOf !== found) [pagesAsked, pagesOf] = [new Set(), found];
    if (pagesAsked.has(page)) return;
    pagesAsked.add(page);
    const [mining, query] = [model.mining.peek(), gallery.query.peek()];
    try {
      const items = await host.call('galleryPage', { mining, page: { query, first: page * PAGE, most: PAGE } }, signal);
      if (gallery.answer.peek() !== found) return;
      gallery.pages.value = new Map(gallery.pages.peek()).set(page, items);
      dropNotice(model, pageFault);
    } catch (error) {
      if (signal.aborted || gallery.answer.peek() !== found) return;
      pagesAsked.delete(page);
      pageFault = messageOf(error);
      addNotice(model, 'error', pageFault);
    }
  }
}

/** An answer, or in words why there is none. */
function settled(call: Promise<GalleryAnswer>, signal: AbortSignal) {
  return call.then(
    (found) => ({ found, error: '' }),
    (error: unknown) => ({ found: null, error: signal.aborted ? t('Stopped.') : messageOf(error) }),
  );
}

/** What is asked where somebody has stopped the checkpoint: what it has seen so far. null: it looks at nothing. */
function asFarAsKnown(query: GalleryQuery): GalleryQuery | null {
  const { similarTo } = query;
  return similarTo === undefined || similarTo.most === 0 ? null : { ...query, similarTo: { ...similarTo, most: 0 } };
}
