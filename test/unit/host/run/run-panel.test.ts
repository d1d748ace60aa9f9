import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../../../../src/core/facts/run-manifest.js';
import type { Params } from '../../../../src/protocol/endpoint.js';
import type { MineProgress, PanelHost, PanelView } from '../../../../src/protocol/panel-messages.js';
import type { GalleryQuery } from '../../../../src/protocol/gallery-messages.js';
import { fakeWebview } from '../fake-webview.js';

const { vscode, settings } = await vi.hoisted(async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  const settings = new FakeEventEmitter<{ affectsConfiguration(name: string): boolean }>();
  const vscode = {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
    l10n: { bundle: undefined },
    env: { language: 'en', clipboard: { writeText: vi.fn(async () => undefined) } },
    workspace: {
      getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }),
      onDidChangeConfiguration: settings.event,
    },
  };
  return { vscode, settings };
});
vi.mock('vscode', () => vscode);
const { RunPanel } = await import('../../../../src/host/run/run-panel.js');
const { Run } = await import('../../../../src/host/run/run.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-run-panel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'run.ohem');
writeFileSync(file, 'SSSS0000111122223333');

const manifest = {
  createdAt: 'then',
  mining: DEFAULT_CONFIG,
  dataset: { imageRoot: '/images', numImages: 4 },
} as unknown as RunManifest;
const summary = (id: string, lossSum: number) =>
  ({ id, path: `/images/${id}`, lossSum, lossMean: 0, lossMax: 0, error: '' }) as ImageSummary;
const progress = (state: MineProgress['state']) => ({ state, numDone: 1, numTotal: 4 }) as MineProgress;
const SUMS = [1, 9, 5, 7];
const VIEW = [
  'run',
  'gaps',
  'image',
  'progress',
  'settings',
  'command',
  'notice',
  'showGallery',
  'decisions',
  'decide',
  'galleryProgress',
  'galleryChanged',
] as const;

async function setUp(numImages: number) {
  const run = await Run.begin({ event: 'opened', manifest, outPath: file, growsAt: file, schemaEnd: 4 });
  const add = (i: number) =>
    run.addImage({
      event: 'image',
      imageIndex: i,
      start: 4 + 4 * i,
      end: 8 + 4 * i,
      summary: summary(`${i}.jpg`, SUMS[i]),
    });
  for (let i = 0; i < numImages; i++) add(i);
  const { panel, webview, heard, viewState, told, load, setVisible } = fakeWebview<PanelView, PanelHost>(VIEW);
  const page = load();
  const allowed = new vscode.EventEmitter<void>();
  const last = new Map<string, number>();
  const actions = {
    changeMining: vi.fn(),
    compareRun: vi.fn(),
    resume: vi.fn(),
    stop: vi.fn(),
    check: vi.fn(async () => undefined),
    salvage: vi.fn(),
    exportSelection: vi.fn(),
    copyPython: vi.fn(),
    revealAnnotation: vi.fn(async () => Promise.reject(new Error('no file'))),
    openImage: vi.fn(),
  };
  const item = { imageIndex: 1, row: 3, annotation: 5, label: 0, prediction: 1, selected: true, box: [0, 0, 4, 4] };
  const gallery = {
    query: vi.fn(async () => ({ numItems: 1 })),
    page: vi.fn(async () => [item, { ...item, imageIndex: 2 }, { ...item, imageIndex: 99 }]),
    end: vi.fn(),
  };
  const decided = new vscode.EventEmitter<void>();
  const book = {
    onDidChange: decided.event,
    decide: vi.fn(async () => undefined),
    undo: vi.fn(async () => undefined),
    redo: vi.fn(async () => undefined),
  };
  const services = {
    log: { error: vi.fn(), show: vi.fn() },
    images: {
      roots: ['/converted', '/workspace'],
      folders: { onDidAllow: allowed.event, offer: vi.fn() },
      asItIs: (path: string) => (path === '' || path.includes('2') ? null : path),
      of: async (path: string) =>
        path.includes('2') ? { path: null, note: 'not there', outside: '/images' } : { path, note: '' },
    },
    decisions: { of: () => book },
    workspaceState: { get: () => ({ sideOpen: false }), update: vi.fn(async () => undefined) },
    lastImages: {
      get: (path: string) => last.get(path) ?? null,
      set: (path: string, index: number) => last.set(path, index),
    },
    actions,
    assets: vscode.Uri.file('/assets'),
    galleryOf: (_run: unknown, tell: (progress: object) => void) => ({ ...gallery, tell, dispose: gallery.end }),
    imageShown: vi.fn(),
  };
  const subject = new RunPanel(run, panel as never, services as never);
  const images = () => told.filter((message) => message.kind === 'image');
  const notices = () => told.filter((message) => message.kind === 'notice');
  const send = async <M extends keyof PanelHost>(method: M, params: Params<PanelHost, M>) => {
    const count = images().length + 1;
    page.tell(method, params);
    await vi.waitFor(() => expect(images().length).toBe(count));
  };
  const house = { run, add, allowed, last, actions, services, subject, gallery, book, decided };
  return { ...house, webview, heard, viewState, told, page, setVisible, images, notices, send };
}

describe('panel of a run', () => {
  beforeEach(() => vi.clearAllMocks());

  it('allows scripts of its page, files of the bundle, of the run and of the conversions, nothing else', async () => {
    const { webview } = await setUp(0);
    expect(webview.options).toMatchObject({ enableScripts: true });
    expect(
      (webview.options as { localResourceRoots: { path: string }[] }).localResourceRoots.map((root) => root.path),
    ).toEqual(['/assets', '/converted', '/workspace']);
    expect(webview.html).toContain('src="webview:/assets/panel.js"');
  });

  it('says nothing before it is ready; then the run, then the hardest image', async () => {
    const { told, send, run } = await setUp(4);
    expect(told).toEqual([]);
    await send('ready', { imageIndex: null });
    expect(told.map((message) => message.kind)).toEqual(['run', 'gaps', 'decisions', 'image']);
    expect(told[0]).toMatchObject({ kind: 'run', manifest, settings: { dim: 0.35, colourMap: 'inferno' } });
    expect(told[1]).toMatchObject({ numImages: 4, numInDataset: 4, damaged: [] });
    expect(told[3]).toMatchObject({
      imageIndex: 1,
      position: 0,
      numImages: 4,
      imageUri: 'webview:/images/1.jpg',
      imageNote: '',
      isElsewhere: false,
    });
    expect(run.numImages).toBe(4);
  });

  it('offers to allow the folder of an image outside, and shows it when it is allowed', async () => {
    const { send, services, allowed, images, webview } = await setUp(4);
    await send('ready', { imageIndex: 2 });
    expect(services.images.folders.offer).toHaveBeenCalledExactlyOnceWith('/images');
    services.images.roots.push('/images');
    services.images.of = async (path) => ({ path, note: '' });
    allowed.fire();
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 2, imageUri: 'webview:/images/2.jpg' });
    expect((webview.options as { localResourceRoots: object[] }).localResourceRoots).toHaveLength(4);
  });

  it('moves bytes as fresh memory of their exact size', async () => {
    const { told, images, send, run } = await setUp(4);
    await send('ready', { imageIndex: 3 });
    const [first] = told.filter((message) => message.kind === 'run');
    const [image] = images();
    for (const bytes of [first.schema, image.bytes]) {
      expect(bytes.constructor).toBe(Uint8Array);
      expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    }
    expect(Buffer.from(first.schema).toString()).toBe('SSSS');
    expect(Buffer.from(image.bytes).toString()).toBe('3333');
    expect(run.schema).not.toBe(first.schema);
  });

  it('comes back to the image before a reload; else to where the run was left', async () => {
    const one = await setUp(4);
    await one.send('ready', { imageIndex: 2 });
    expect(one.images()[0]).toMatchObject({ imageIndex: 2, imageUri: null, imageNote: 'not there' });
    const two = await setUp(4);
    two.last.set(two.run.path, 3);
    await two.send('ready', { imageIndex: null });
    expect(two.images()[0]).toMatchObject({ imageIndex: 3 });
    const three = await setUp(4);
    await three.send('ready', { imageIndex: 99 });
    expect(three.images()[0]).toMatchObject({ imageIndex: 1 });
  });

  it('steps along the order, and stops at its ends', async () => {
    const { send, images, page } = await setUp(4);
    await send('ready', { imageIndex: null });
    await send('stepImage', { delta: 1 });
    await send('stepImage', { delta: 10 });
    await send('stepImage', { delta: -1 });
    expect(images().map((image) => image.imageIndex)).toEqual([1, 3, 0, 2]);
    await send('showImage', { imageIndex: 0 });
    page.tell('stepImage', { delta: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(images()).toHaveLength(5);
  });

  it('drops an answer that was overtaken', async () => {
    const { page, images, send } = await setUp(4);
    await send('ready', { imageIndex: null });
    page.tell('showImage', { imageIndex: 0 });
    await send('showImage', { imageIndex: 3 });
    expect(images().map((image) => image.imageIndex)).toEqual([1, 3]);
  });

  it('a run that grows: the first image as it comes, the hardest when it ends', async () => {
    const { add, run, send, images, page, told } = await setUp(0);
    page.tell('ready', { imageIndex: null });
    await vi.waitFor(() => expect(told.map((message) => message.kind)).toEqual(['run', 'gaps', 'decisions']));
    add(0);
    await vi.waitFor(() => expect(images()).toHaveLength(1));
    run.setProgress(progress('running'));
    add(1);
    run.setProgress(progress('done'));
    await vi.waitFor(() => expect(images().map((image) => image.imageIndex)).toEqual([0, 1]));
    await send('showImage', { imageIndex: 0 });
    run.setProgress(progress('stopped'));
    await vi.waitFor(() => expect(images()).toHaveLength(4));
    expect(images()[3]).toMatchObject({ imageIndex: 0, position: 1, numImages: 2 });
  });

  it('other summaries: the image keeps its place before the person, with its new position', async () => {
    const { run, send, images, services } = await setUp(4);
    await send('ready', { imageIndex: null });
    const lossSum = Float64Array.of(9, 1, 2, 3);
    run.setDerived({ ...DEFAULT_CONFIG, batchSize: 2 }, { numImages: 4, numbers: { lossSum }, errors: new Map() });
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 1, position: 3 });
    expect(services.imageShown).toHaveBeenCalledTimes(1);
  });

  it('tells of damage when the check of the file has found it, and shows the image with its reason', async () => {
    const { run, send, images, told, actions, page } = await setUp(4);
    expect(actions.check).toHaveBeenCalledExactlyOnceWith(run);
    await send('ready', { imageIndex: 2 });
    run.setDamage([{ imageIndex: 2, id: '2.jpg', reason: 'run-file: image 2: damaged' }]);
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(told.filter(({ kind }) => kind === 'gaps').at(-1)).toMatchObject({ damaged: ['2.jpg'] });
    expect(images()[1]).toMatchObject({ imageIndex: 2, summary: { error: 'run-file: image 2: damaged' } });
    page.tell('salvage', {});
    await vi.waitFor(() => expect(actions.salvage).toHaveBeenCalledExactlyOnceWith(run));
  });

  it('tells how many images are there, of how many, as soon as a run is cut and not while it grows', async () => {
    const { add, run, send, told } = await setUp(1);
    const gaps = () => told.filter(({ kind }) => kind === 'gaps');
    await send('ready', { imageIndex: null });
    expect(gaps()).toMatchObject([{ numImages: 1, numInDataset: 4, cut: true }]);
    run.setProgress(progress('running'));
    add(1);
    expect(gaps()).toHaveLength(1);
    run.setProgress(progress('stopped'));
    await vi.waitFor(() => expect(gaps()).toHaveLength(2));
    expect(gaps()[1]).toMatchObject({ numImages: 2, cut: true });
  });

  it('answers for other images of the minibatch, not for ones that are not there', async () => {
    const { page, send } = await setUp(4);
    await send('ready', { imageIndex: null });
    expect(Buffer.from((await page.call('readRois', { imageIndex: 2 })).bytes).toString()).toBe('2222');
    await expect(page.call('readRois', { imageIndex: 7 })).rejects.toThrow('expected an index in [0, 4), received 7');
  });

  it('examples: a run of images in one answer, from any image on', async () => {
    const { page, send } = await setUp(4);
    await send('ready', { imageIndex: null });
    const some = await page.call('readExamples', { first: 1 });
    expect(some).toMatchObject({
      first: 1,
      places: [0, 4, 8].map((start) => ({ start, end: start + 4, row: 0 })),
      uris: ['webview:/images/1.jpg', null, 'webview:/images/3.jpg'],
      numImages: 4,
    });
    expect(Buffer.from(some.bytes).toString()).toBe('111122223333');
    expect(some.bytes.buffer.byteLength).toBe(12);
    const none = await page.call('readExamples', { first: 4 });
    expect(none).toMatchObject({ first: 4, places: [], uris: [], numImages: 4 });
    await expect(page.call('readExamples', { first: 5 })).rejects.toThrow('received 5');
  });

  it('an example that the panel shows by itself is remembered and not sent', async () => {
    const { page, subject, send, images, last, services } = await setUp(4);
    await send('ready', { imageIndex: null });
    for (const imageIndex of [3, 9]) page.tell('exampleShown', { imageIndex });
    await vi.waitFor(() => expect(subject.imageIndex).toBe(3));
    expect([...last.values()]).toEqual([3]);
    expect(services.imageShown).toHaveBeenCalledTimes(2);
    expect(images()).toHaveLength(1);
  });

  it('who has begun to look keeps the image when the run ends', async () => {
    const { run, add, page, send, images } = await setUp(1);
    await send('ready', { imageIndex: null });
    add(1);
    page.tell('touched', {});
    // What is asked after it is answered after it.
    await page.call('readRois', { imageIndex: 0 });
    run.setProgress(progress('done'));
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 0, position: 1 });
  });

  it('keeps with the workspace how the panel was arranged, and hands it to the next', async () => {
    const { page, webview, services } = await setUp(1);
    expect(webview.html).toContain('<meta name="kept" content="{&#34;sideOpen&#34;:false}">');
    page.tell('arranged', { arrangement: { sideOpen: true } });
    const { update } = services.workspaceState;
    await vi.waitFor(() => expect(update).toHaveBeenCalledWith('panelArrangement', { sideOpen: true }));
  });

  it('a comparison over the run is answered, also where it fails', async () => {
    const { page, send, actions, services } = await setUp(4);
    await send('ready', { imageIndex: null });
    const b = { ...DEFAULT_CONFIG, batchSize: 4 };
    const done = { a: DEFAULT_CONFIG, b, total: {}, numImages: 4, differing: [], error: '' };
    actions.compareRun.mockResolvedValueOnce(done).mockRejectedValueOnce(new Error('the file is gone'));
    expect(await page.call('compareRun', { a: DEFAULT_CONFIG, b })).toEqual(done);
    await expect(page.call('compareRun', { a: DEFAULT_CONFIG, b })).rejects.toThrow('the file is gone');
    expect(services.log.error).toHaveBeenCalledWith('the file is gone');
  });

  it('what the webview asks is checked before anything is done', async () => {
    const { page, send, actions, notices } = await setUp(4);
    await send('ready', { imageIndex: null });
    page.tell('miningChanged', { mining: { ...DEFAULT_CONFIG, batchSize: -1 } });
    page.tell('exportSelection', { mining: null as never, scope: null as never });
    page.tell('openImage', { imageIndex: '../..' as never });
    await vi.waitFor(() => expect(notices()).toHaveLength(3));
    expect(notices().map(({ text }) => text)).toEqual([
      expect.stringMatching(/^options: mining: expected .*, received/),
      expect.stringMatching(/^options: mining: expected/),
      'options: imageIndex: expected number, received "../.."',
    ]);
    for (const action of [actions.changeMining, actions.exportSelection, actions.openImage])
      expect(action).not.toHaveBeenCalled();
  });

  it('a failure becomes a notice and a line in the log', async () => {
    const { page, notices, send, services } = await setUp(4);
    await send('ready', { imageIndex: null });
    page.tell('reveal', { imageIndex: 0, annotation: 0 });
    page.tell('showImage', { imageIndex: 12 });
    await vi.waitFor(() => expect(notices()).toHaveLength(2));
    expect(
      notices()
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['no file', 'run-file: image: expected an index in [0, 4), received 12']);
    expect(services.log.error).toHaveBeenCalledTimes(2);
  });

  it('out of sight it is silent, and it says everything again when it comes back', async () => {
    const { setVisible, send, subject, told } = await setUp(4);
    await send('ready', { imageIndex: null });
    setVisible(false);
    subject.command('fit');
    await subject.show(3);
    expect(told).toHaveLength(4);
    setVisible(true);
    await send('ready', { imageIndex: 1 });
    expect(told.slice(4).map((message) => message.kind)).toEqual(['run', 'gaps', 'decisions', 'image']);
    expect(told.at(-1)).toMatchObject({ imageIndex: 3 });
  });

  it('answers about all items, with the pictures that may be loaded', async () => {
    const { page, send, gallery } = await setUp(4);
    await send('ready', { imageIndex: null });
    const query: GalleryQuery = { kind: 'rois', where: { label: [0] }, sort: 'loss', group: null };
    expect(await page.call('galleryQuery', { mining: DEFAULT_CONFIG, query })).toEqual({ numItems: 1 });
    expect(gallery.query).toHaveBeenCalledWith(DEFAULT_CONFIG, query, expect.any(AbortSignal));
    const items = await page.call('galleryPage', { mining: DEFAULT_CONFIG, page: { query, first: 0, most: 9 } });
    expect(items.map(({ id, uri }) => [id, uri])).toEqual([
      ['1.jpg', 'webview:/images/1.jpg'],
      ['2.jpg', null],
      ['', null],
    ]);
    const wrong = { query: { ...query, sort: 'nonsense' }, mining: DEFAULT_CONFIG };
    await expect(page.call('galleryQuery', wrong as never)).rejects.toThrow('options: query.sort');
  });

  it('shows all items as soon as the webview is there, and ends their process when it goes', async () => {
    const { send, subject, told, gallery } = await setUp(4);
    subject.showGallery(true);
    await send('ready', { imageIndex: null });
    expect(told.map(({ kind }) => kind)).toEqual(['run', 'gaps', 'decisions', 'showGallery', 'image']);
    expect(told[3]).toMatchObject({ suspects: true });
    subject.dispose();
    expect(gallery.end).toHaveBeenCalledOnce();
  });

  it('writes what a person decides, and takes it back', async () => {
    const { page, send, told, book, decided } = await setUp(4);
    await send('ready', { imageIndex: null });
    await page.call('decide', { changes: [{ target: { image: '1.jpg' }, decision: null }] });
    expect(book.decide).toHaveBeenCalledWith([{ target: { image: '1.jpg' }, decision: null }]);
    await Promise.all([page.call('undoDecision', {}), page.call('redoDecision', {})]);
    expect([book.undo, book.redo].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    decided.fire();
    await vi.waitFor(() => expect(told.at(-1)?.kind).toBe('decisions'));
  });

  it('freed, it listens to nothing any more', async () => {
    const numBefore = settings.size;
    const { subject, heard, viewState, send, run, told } = await setUp(4);
    expect([heard.size, viewState.size, settings.size]).toEqual([1, 1, numBefore + 1]);
    await send('ready', { imageIndex: null });
    subject.dispose();
    expect([heard.size, viewState.size, settings.size]).toEqual([0, 0, numBefore]);
    run.setProgress(progress('running'));
    expect(told).toHaveLength(4);
  });
});
