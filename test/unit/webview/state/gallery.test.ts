import { describe, expect, it, vi } from 'vitest';
import type { GalleryAnswer, PanelItem } from '../../../../src/protocol/gallery-messages.js';
import type { PanelHost } from '../../../../src/protocol/panel-messages.js';
import { createActions } from '../../../../webview/state/actions.js';
import { createModel } from '../../../../webview/state/create-model.js';
import { placeNow } from '../../../../webview/state/decision-now.js';
import { itemAt, PAGE } from '../../../../webview/state/gallery-model.js';
import { readGallery } from '../../../../webview/state/read-gallery.js';
import { receiver } from '../../../../webview/state/receive.js';
import { syntheticRun } from '../../../webview/synthetic-run.js';
import { fakeHost } from '../fake-host.js';

const run = syntheticRun(3, 60);
const answer = (numShown: number): GalleryAnswer => ({
  numItems: 500,
  numShown,
  numImages: 3,
  numLeftOut: 0,
  facets: [],
  groups: [{ name: '', count: numShown }],
  confusion: [[0, 6, 4]],
  suspects: null,
  similar: null,
});
const item = (imageIndex: number, row: number) => ({ imageIndex, row }) as PanelItem;

function openPanel() {
  const model = createModel();
  const { host, said, asked } = fakeHost<PanelHost>();
  const actions = createActions(model, host);
  const hear = receiver(model, null);
  readGallery(host, model);
  const settings = { dim: 0.3, colourMap: 'inferno', backgroundBelow: 0.05 };
  hear.run({ manifest: run.manifest, schema: run.schema, settings });
  const show = (imageIndex: number) => {
    const { summary, bytes } = run.images[imageIndex];
    hear.image({
      imageIndex,
      position: imageIndex,
      numImages: 3,
      summary,
      imageUri: null,
      imageNote: '',
      isElsewhere: false,
      bytes,
      row: 0,
    });
  };
  show(0);
  const questions = () => asked.filter(({ method }) => method === 'galleryQuery');
  const pages = () => asked.filter(({ method }) => method === 'galleryPage');
  return { model, actions, hear, said, show, questions, pages, gallery: model.gallery };
}

async function openGallery(numShown = 500) {
  const panel = openPanel();
  panel.actions.showGallery(true);
  panel.questions()[0].resolve(answer(numShown));
  await vi.waitFor(() => expect(panel.gallery.answer.value).not.toBeNull());
  return panel;
}

describe('the gallery', () => {
  it('asks nothing before it is opened, then for the answer and the pages in sight, each once', async () => {
    const { actions, questions, pages, gallery, model } = openPanel();
    expect(questions()).toHaveLength(0);
    actions.showGallery(true);
    expect(model.room.value).toBe('gallery');
    questions()[0].resolve(answer(500));
    await vi.waitFor(() => expect(pages()).toHaveLength(1));
    gallery.wanted.value = { first: 0, last: 1 };
    expect(pages().map(({ params }) => (params as { page: { first: number } }).page.first)).toEqual([0, PAGE]);
    pages()[1].resolve([item(2, 7)]);
    await vi.waitFor(() => expect(itemAt(gallery, PAGE)).toEqual(item(2, 7)));
    expect(itemAt(gallery, 0)).toBeUndefined();
    expect(questions()).toHaveLength(1);
  });

  it('asks again for a page that failed when it comes back into sight, and says so', async () => {
    const { pages, gallery, model } = await openGallery();
    pages()[0].reject(new Error('the process died'));
    await vi.waitFor(() => expect(model.notices.value.map(({ text }) => text)).toEqual(['the process died']));
    gallery.wanted.value = { first: 1, last: 1 };
    gallery.wanted.value = { first: 0, last: 1 };
    expect(pages().map(({ params }) => (params as { page: { first: number } }).page.first)).toEqual([0, PAGE, 0]);
  });

  it('asks for no page while an answer is waited for: it would be of the next one', async () => {
    const { actions, pages, gallery, questions } = await openGallery();
    actions.toggleValue('label', 2);
    gallery.wanted.value = { first: 1, last: 1 };
    expect(pages()).toHaveLength(1);
    questions().at(-1)?.resolve(answer(500));
    await vi.waitFor(() => expect(pages()).toHaveLength(2));
  });

  it('combines values; the answer to an older question is dropped', async () => {
    const { actions, questions, gallery } = await openGallery();
    actions.toggleValue('label', 2);
    actions.toggleValue('label', 3);
    actions.filterGallery({ score: [0, 1] });
    expect(gallery.query.value.where).toEqual({ label: [2, 3], score: [0, 1] });
    actions.toggleValue('label', 2);
    expect(gallery.query.value.where['label']).toEqual([3]);
    questions()[1].resolve(answer(1));
    questions().at(-1)?.resolve(answer(7));
    await vi.waitFor(() => expect(gallery.answer.value?.numShown).toBe(7));
    actions.clearGallery();
    expect(gallery.query.value.where).toEqual({});
  });

  it('all "class 0 → background" is one click, and another takes it back', async () => {
    const { actions, gallery } = await openGallery();
    expect(gallery.confusion.value.cells.get(0 * 7 + 6)).toBe(4);
    actions.pickPair({ label: 0, prediction: 6 });
    expect(gallery.query.value.where).toEqual({ label: [0], prediction: [6] });
    actions.pickPair({ label: null, prediction: null });
    expect(gallery.query.value.where).toEqual({});
  });

  it('a verdict is on the cell in sight, also while another kind is waited for', async () => {
    const { actions, gallery, model, pages } = await openGallery();
    pages()[0].resolve([{ ...item(0, 5), gt: -1 }]);
    await vi.waitFor(() => expect(itemAt(gallery, 0)).toBeDefined());
    actions.showKind('objects');
    expect(placeNow(model)).toEqual({ imageIndex: 0, what: 'roi', row: 5 });
  });

  it('steps through the items and stops at the ends', async () => {
    const { actions, gallery } = await openGallery(10);
    gallery.shape.value = { columns: 4, rows: 2 };
    actions.stepItem(1);
    actions.stepItemLines(1);
    expect(gallery.at.value).toBe(5);
    actions.stepItemPages(5);
    expect(gallery.at.value).toBe(9);
    actions.stepItem(Infinity);
    expect(gallery.at.value).toBe(9);
    actions.stepItem(-Infinity);
    expect(gallery.at.value).toBe(0);
  });

  it('opens the image of an item with its RoI in focus, also where it is the one in sight', async () => {
    const { actions, pages, gallery, model, said, show } = await openGallery();
    pages()[0].resolve([item(0, 5), item(1, 41)]);
    await vi.waitFor(() => expect(itemAt(gallery, 1)).toBeDefined());
    actions.openItem(1);
    expect([model.room.value, said.at(-1)]).toEqual(['picture', { kind: 'showImage', imageIndex: 1 }]);
    show(1);
    expect(model.focused.value).toBe(41);
    actions.openItem(0);
    show(0);
    expect(model.focused.value).toBe(5);
    show(2);
    expect(model.focused.value).not.toBe(5);
  });

  it('tells how far the run is read, and why there is no answer', async () => {
    const { actions, hear, questions, gallery } = openPanel();
    actions.showGallery(true);
    hear.galleryProgress({ numDone: 50, numTotal: 100 });
    expect(gallery.waiting.value?.progress).toEqual({ numDone: 50, numTotal: 100 });
    questions()[0].reject(new Error('no file'));
    await vi.waitFor(() => expect(gallery.error.value).toBe('no file'));
    expect(gallery.waiting.value).toBeNull();
    actions.refreshGallery();
    expect(questions()).toHaveLength(2);
  });

  it('takes back that a page did not come when a later one does', async () => {
    const { actions, pages, questions, gallery, model } = await openGallery();
    pages()[0].reject(new Error('the run cannot be read'));
    await vi.waitFor(() => expect(model.notices.value.map(({ text }) => text)).toEqual(['the run cannot be read']));
    const before = pages().length;
    actions.refreshGallery();
    questions()
      .at(-1)
      ?.resolve(gallery.answer.value === null ? null : { ...gallery.answer.value });
    await vi.waitFor(() => expect(pages().length).toBeGreaterThan(before));
    pages()
      .at(-1)
      ?.resolve([item(0, 5)]);
    await vi.waitFor(() => expect(itemAt(gallery, 0)).toBeDefined());
    expect(model.notices.value).toEqual([]);
  });

  it('asks again when the host says that items look different', async () => {
    const { hear, questions } = await openGallery();
    hear.galleryChanged();
    expect(questions()).toHaveLength(2);
  });
});

describe('what looks like a place', () => {
  const place = { imageIndex: 1, what: 'object', row: 4 } as const;
  const similar = { numLooked: 3, numImages: 9, numFailed: 0, features: 'p3', isOther: false };

  it('is of its kind, of the whole run from the picture, among what passes from the gallery', async () => {
    const { actions, gallery } = await openGallery();
    actions.filterGallery({ label: [2] });
    actions.findSimilar({ imageIndex: 0, what: 'roi', row: 2 });
    expect(gallery.query.value).toMatchObject({ kind: 'rois', where: { label: [2] } });
    actions.showGallery(false);
    actions.findSimilar(place);
    expect(gallery.open.value).toBe(true);
    expect(gallery.query.value).toEqual({
      kind: 'objects',
      where: {},
      sort: 'loss',
      group: null,
      similarTo: { ...place, most: 100 },
    });
    actions.showKind('detections');
    actions.findSimilar({ imageIndex: 0, what: 'roi', row: 2 });
    expect(gallery.query.value.kind).toBe('detections');
  });

  it('is of what has the focus where nothing is named', () => {
    const { actions, gallery, model } = openPanel();
    model.focused.value = 7;
    actions.setAbout('roi');
    actions.findSimilar(null);
    expect(gallery.query.value.similarTo).toMatchObject({ imageIndex: 0, what: 'roi', row: 7 });
  });

  it('waits for the cells that were asked for before: the focus is on none of them yet', async () => {
    const { actions, gallery, questions, pages } = await openGallery();
    pages()[0].resolve([{ ...item(0, 5), gt: 3 }]);
    await vi.waitFor(() => expect(itemAt(gallery, 0)).toBeDefined());
    actions.showKind('objects');
    actions.findSimilar(null);
    expect(gallery.query.value.similarTo).toBeUndefined();
    questions().at(-1)?.resolve(answer(500));
    await vi.waitFor(() => expect(pages()).toHaveLength(2));
    expect(gallery.query.value.similarTo).toBeUndefined();
    pages()[1].resolve([{ ...item(2, 8), gt: 1 }]);
    await vi.waitFor(() =>
      expect(gallery.query.value.similarTo).toEqual({ imageIndex: 2, what: 'object', row: 1, most: 100 }),
    );
    expect(gallery.wantsSimilar.value).toBe(false);
  });

  it('is dropped where something else is asked, nothing comes, or the gallery is left', async () => {
    const { actions, gallery, questions, model } = await openGallery();
    actions.findSimilar(null);
    expect(gallery.wantsSimilar.value).toBe(true);
    actions.toggleValue('label', 2);
    expect(gallery.wantsSimilar.value).toBe(false);
    actions.findSimilar(null);
    questions().at(-1)?.resolve(answer(0));
    await vi.waitFor(() => expect(gallery.wantsSimilar.value).toBe(false));
    actions.clearGallery();
    actions.findSimilar(null);
    actions.showGallery(false);
    expect([gallery.wantsSimilar.value, model.room.value]).toEqual([false, 'picture']);
    expect(gallery.query.value.similarTo).toBeUndefined();
  });

  it('has a way back, and nothing to do with labels to check', async () => {
    const { actions, gallery } = await openGallery();
    actions.checkLabels();
    actions.findSimilar(place);
    expect(gallery.query.value.sort).toBe('loss');
    actions.leaveSimilar();
    expect(gallery.query.value.similarTo).toBeUndefined();
    actions.findSimilar(place);
    actions.showKind('suspects');
    expect(gallery.query.value.similarTo).toBeUndefined();
  });

  it('shows what has been seen where it is stopped, and looks further when asked', async () => {
    const { actions, gallery, questions } = await openGallery();
    actions.findSimilar(place);
    gallery.waiting.value?.stop();
    questions().at(-1)?.reject(new Error('aborted'));
    await vi.waitFor(() => expect(gallery.query.value.similarTo?.most).toBe(0));
    expect(gallery.error.value).toBe('');
    questions()
      .at(-1)
      ?.resolve({ ...answer(5), similar });
    await vi.waitFor(() => expect(gallery.answer.value?.similar).toEqual(similar));
    actions.lookFurther();
    expect(gallery.query.value.similarTo?.most).toBe(103);
  });

  it('is not asked again after a reload', async () => {
    const { actions, gallery, model } = await openGallery();
    actions.findSimilar(place);
    const again = createModel(model.choices.save());
    expect(again.gallery.query.value).toEqual({ ...gallery.query.value, similarTo: undefined });
    expect(Object.keys(again.gallery.query.value)).not.toContain('similarTo');
  });
});
