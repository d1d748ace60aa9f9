import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../../../../src/core/facts/run-manifest.js';
import type { MineProgress, ToHost, ToPanel } from '../../../../src/protocol/panel-messages.js';

const { vscode, settings } = await vi.hoisted(async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  const settings = new FakeEventEmitter<{ affectsConfiguration(name: string): boolean }>();
  const vscode = {
    EventEmitter: FakeEventEmitter,
    Uri: FakeUri,
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
  const posted: ToPanel[] = [];
  const received = new vscode.EventEmitter<ToHost>();
  const viewState = new vscode.EventEmitter<void>();
  const webview = {
    options: {},
    html: '',
    cspSource: 'csp:',
    asWebviewUri: (uri: { path: string }) => ({ toString: () => `webview:${uri.path}` }),
    onDidReceiveMessage: received.event,
    postMessage: (message: ToPanel) => posted.push(message),
  };
  const panel = { webview, visible: true, active: true, onDidChangeViewState: viewState.event };
  const allowed = new vscode.EventEmitter<void>();
  const last = new Map<string, number>();
  const actions = {
    changeMining: vi.fn(),
    compareRun: vi.fn(),
    resume: vi.fn(),
    stop: vi.fn(),
    exportSelection: vi.fn(),
    revealAnnotation: vi.fn(async () => Promise.reject(new Error('no file'))),
    openImage: vi.fn(),
  };
  const services = {
    log: { error: vi.fn(), show: vi.fn() },
    images: {
      roots: ['/converted', '/workspace'],
      folders: { onDidAllow: allowed.event, offer: vi.fn() },
      asItIs: (path: string) => (path.includes('2') ? null : path),
      of: async (path: string) =>
        path.includes('2') ? { path: null, note: 'not there', outside: '/images' } : { path, note: '' },
    },
    lastImages: {
      get: (path: string) => last.get(path) ?? null,
      set: (path: string, index: number) => last.set(path, index),
    },
    actions,
    assets: vscode.Uri.file('/assets'),
    imageShown: vi.fn(),
  };
  const subject = new RunPanel(run, panel as never, services as never);
  const images = () => posted.filter((message) => message.kind === 'image');
  const send = async (message: ToHost, count = images().length + 1) => {
    received.fire(message);
    await vi.waitFor(() => expect(images().length).toBe(count));
  };
  return {
    run,
    add,
    panel,
    webview,
    posted,
    images,
    send,
    received,
    viewState,
    allowed,
    last,
    actions,
    services,
    subject,
  };
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
    const { posted, send, run } = await setUp(4);
    expect(posted).toEqual([]);
    await send({ kind: 'ready', imageIndex: null });
    expect(posted.map((message) => message.kind)).toEqual(['run', 'image']);
    expect(posted[0]).toMatchObject({ kind: 'run', manifest, settings: { dim: 0.35, colourMap: 'inferno' } });
    expect(posted[1]).toMatchObject({
      imageIndex: 1,
      position: 0,
      numImages: 4,
      imageUri: 'webview:/images/1.jpg',
      imageNote: '',
    });
    expect(run.numImages).toBe(4);
  });

  it('offers to allow the folder of an image outside, and shows it when it is allowed', async () => {
    const { send, services, allowed, images, webview } = await setUp(4);
    await send({ kind: 'ready', imageIndex: 2 });
    expect(services.images.folders.offer).toHaveBeenCalledExactlyOnceWith('/images');
    services.images.roots.push('/images');
    services.images.of = async (path) => ({ path, note: '' });
    allowed.fire();
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 2, imageUri: 'webview:/images/2.jpg' });
    expect((webview.options as { localResourceRoots: object[] }).localResourceRoots).toHaveLength(4);
  });

  it('moves bytes as fresh memory of their exact size', async () => {
    const { posted, send, run } = await setUp(4);
    await send({ kind: 'ready', imageIndex: 3 });
    const [first, image] = posted as [Extract<ToPanel, { kind: 'run' }>, Extract<ToPanel, { kind: 'image' }>];
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
    await one.send({ kind: 'ready', imageIndex: 2 });
    expect(one.images()[0]).toMatchObject({ imageIndex: 2, imageUri: null, imageNote: 'not there' });
    const two = await setUp(4);
    two.last.set(two.run.path, 3);
    await two.send({ kind: 'ready', imageIndex: null });
    expect(two.images()[0]).toMatchObject({ imageIndex: 3 });
    const three = await setUp(4);
    await three.send({ kind: 'ready', imageIndex: 99 });
    expect(three.images()[0]).toMatchObject({ imageIndex: 1 });
  });

  it('steps along the order, and stops at its ends', async () => {
    const { send, images, received } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    await send({ kind: 'stepImage', delta: 1 });
    await send({ kind: 'stepImage', delta: 10 });
    await send({ kind: 'stepImage', delta: -1 });
    expect(images().map((image) => image.imageIndex)).toEqual([1, 3, 0, 2]);
    await send({ kind: 'showImage', imageIndex: 0 });
    received.fire({ kind: 'stepImage', delta: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(images()).toHaveLength(5);
  });

  it('drops an answer that was overtaken', async () => {
    const { received, images, send } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    received.fire({ kind: 'showImage', imageIndex: 0 });
    await send({ kind: 'showImage', imageIndex: 3 });
    expect(images().map((image) => image.imageIndex)).toEqual([1, 3]);
  });

  it('a run that grows: the first image as it comes, the hardest when it ends', async () => {
    const { add, run, send, images, received, posted } = await setUp(0);
    received.fire({ kind: 'ready', imageIndex: null });
    expect(posted.map((message) => message.kind)).toEqual(['run']);
    add(0);
    await vi.waitFor(() => expect(images()).toHaveLength(1));
    run.setProgress(progress('running'));
    add(1);
    run.setProgress(progress('done'));
    await vi.waitFor(() => expect(images().map((image) => image.imageIndex)).toEqual([0, 1]));
    await send({ kind: 'showImage', imageIndex: 0 });
    run.setProgress(progress('stopped'));
    await vi.waitFor(() => expect(images()).toHaveLength(4));
    expect(images()[3]).toMatchObject({ imageIndex: 0, position: 1, numImages: 2 });
  });

  it('other summaries: the image keeps its place before the person, with its new position', async () => {
    const { run, send, images, services } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    run.setDerived(
      { ...DEFAULT_CONFIG, batchSize: 2 },
      [9, 1, 2, 3].map((loss, i) => summary(`${i}.jpg`, loss)),
    );
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 1, position: 3 });
    expect(services.imageShown).toHaveBeenCalledTimes(1);
  });

  it('answers for other images of the minibatch, not for ones that are not there', async () => {
    const { received, posted, send } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    for (const imageIndex of [2, 7, -1, Number.NaN]) received.fire({ kind: 'readRois', imageIndex });
    await vi.waitFor(() => expect(posted.filter((message) => message.kind === 'rois')).toHaveLength(1));
    expect(posted.at(-1)).toMatchObject({ kind: 'rois', imageIndex: 2 });
  });

  it('examples: a run of images in one message, from any image on', async () => {
    const { received, posted, send } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    const examples = () => posted.filter((message) => message.kind === 'examples');
    for (const first of [1, 4, 5, -1, 0.5]) received.fire({ kind: 'readExamples', first });
    await vi.waitFor(() => expect(examples()).toHaveLength(2));
    const [some, none] = examples().sort((a, b) => a.first - b.first);
    expect(some).toMatchObject({
      first: 1,
      offsets: [0, 4, 8, 12],
      uris: ['webview:/images/1.jpg', null, 'webview:/images/3.jpg'],
      numImages: 4,
    });
    expect(Buffer.from(some.bytes).toString()).toBe('111122223333');
    expect(some.bytes.buffer.byteLength).toBe(12);
    expect(none).toMatchObject({ first: 4, offsets: [0], uris: [], numImages: 4 });
  });

  it('an example that the panel shows by itself is remembered and not sent', async () => {
    const { received, subject, send, images, last, services } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    for (const imageIndex of [3, 9]) received.fire({ kind: 'exampleShown', imageIndex });
    await vi.waitFor(() => expect(subject.imageIndex).toBe(3));
    expect([...last.values()]).toEqual([3]);
    expect(services.imageShown).toHaveBeenCalledTimes(2);
    expect(images()).toHaveLength(1);
  });

  it('who has begun to look keeps the image when the run ends', async () => {
    const { run, add, received, send, images } = await setUp(1);
    await send({ kind: 'ready', imageIndex: null });
    add(1);
    received.fire({ kind: 'touched' });
    run.setProgress(progress('done'));
    await vi.waitFor(() => expect(images()).toHaveLength(2));
    expect(images()[1]).toMatchObject({ imageIndex: 0, position: 1 });
  });

  it('a comparison over the run is answered, also where it fails', async () => {
    const { received, posted, send, actions } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    const b = { ...DEFAULT_CONFIG, batchSize: 4 };
    const done = { a: DEFAULT_CONFIG, b, total: {}, numImages: 4, differing: [], error: '' };
    actions.compareRun.mockResolvedValueOnce(done).mockRejectedValueOnce(new Error('the file is gone'));
    for (let i = 0; i < 2; i++) received.fire({ kind: 'compareRun', a: DEFAULT_CONFIG, b });
    await vi.waitFor(() => expect(posted.filter(({ kind }) => kind === 'comparison')).toHaveLength(2));
    expect(posted.slice(-2)).toEqual([
      { kind: 'comparison', comparison: done },
      { kind: 'comparison', comparison: { ...done, total: null, numImages: 0, error: 'the file is gone' } },
    ]);
  });

  it('a failure becomes a notice and a line in the log', async () => {
    const { received, posted, send, services } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    received.fire({ kind: 'reveal', imageIndex: 0, annotation: 0 });
    received.fire({ kind: 'showImage', imageIndex: 12 });
    await vi.waitFor(() => expect(posted.filter((message) => message.kind === 'notice')).toHaveLength(2));
    expect(
      posted
        .slice(-2)
        .map((message) => (message as { text: string }).text)
        .sort(),
    ).toEqual(['no file', 'run-file: image: expected an index in [0, 4), received 12']);
    expect(services.log.error).toHaveBeenCalledTimes(2);
  });

  it('out of sight it is silent, and it says everything again when it comes back', async () => {
    const { panel, viewState, send, subject, posted } = await setUp(4);
    await send({ kind: 'ready', imageIndex: null });
    panel.visible = false;
    viewState.fire();
    subject.command('fit');
    await subject.show(3);
    expect(posted).toHaveLength(2);
    panel.visible = true;
    await send({ kind: 'ready', imageIndex: 1 });
    expect(posted.slice(2).map((message) => message.kind)).toEqual(['run', 'image']);
    expect(posted.at(-1)).toMatchObject({ imageIndex: 3 });
  });

  it('freed, it listens to nothing any more', async () => {
    const numBefore = settings.size;
    const { subject, received, viewState, send, run, posted } = await setUp(4);
    expect([received.size, viewState.size, settings.size]).toEqual([1, 1, numBefore + 1]);
    await send({ kind: 'ready', imageIndex: null });
    subject.dispose();
    expect([received.size, viewState.size, settings.size]).toEqual([0, 0, numBefore]);
    run.setProgress(progress('running'));
    expect(posted).toHaveLength(2);
  });
});
