import { beforeEach, describe, expect, it, vi } from 'vitest';

class FakePick {
  items: readonly { readonly label: string; readonly path?: string }[] = [];
  activeItems: FakePick['items'] = [];
  busy = false;
  accept = () => undefined as void;
  hide = () => undefined as void;
  readonly onDidAccept = (listener: () => void) => (this.accept = listener);
  readonly onDidHide = (listener: () => void) => (this.hide = listener);
  readonly show = vi.fn();
  readonly dispose = vi.fn();
}
let pick: FakePick;
const showOpenDialog = vi.fn(() => Promise.resolve([{ scheme: 'file', fsPath: '/browsed' }]));
vi.mock('vscode', () => ({
  window: { createQuickPick: () => pick, showOpenDialog },
  workspace: { asRelativePath: (path: string) => path },
  l10n: { t: (text: string) => text },
}));
const { foundItem, pickPath } = await import('../../../../src/host/inputs/pick-path.js');

const sample = { label: 'Sample', path: '/sample' };
const browse = { label: 'Browse…' };
const own = { label: 'own', path: '/own' };
const options = { title: 'Pick', placeHolder: 'one', browse: {} };
/** A search that ends when it is told to. */
function search() {
  let end = (_items: FakePick['items']) => undefined as void;
  const promise = new Promise<FakePick['items']>((resolve) => (end = resolve));
  return { promise, end };
}
const activate = (path: string | undefined) => (pick.activeItems = pick.items.filter((item) => item.path === path));
const settled = () => new Promise((resolve) => setTimeout(resolve));
beforeEach(() => (pick = new FakePick()));

describe('picking a path', () => {
  it('shows at once what can be picked, and fills while the person waits', async () => {
    const found = search();
    const picked = pickPath([sample, browse], found.promise, options);
    expect(pick).toMatchObject({ items: [sample, browse], busy: true, title: 'Pick', placeholder: 'one' });
    expect(pick.show).toHaveBeenCalledOnce();
    expect(pick.activeItems).toEqual([]);
    found.end([own, sample, browse]);
    await settled();
    expect(pick).toMatchObject({ items: [own, sample, browse], busy: false, activeItems: [own] });
    pick.accept();
    expect(await picked).toBe('/own');
    expect(pick.dispose).toHaveBeenCalledOnce();
  });

  it('takes the first of the whole list where Enter came before it', async () => {
    const found = search();
    const picked = pickPath([sample, browse], found.promise, options);
    pick.accept();
    found.end([own, sample, browse]);
    expect(await picked).toBe('/own');
  });

  it('leaves whoever has moved where they are', async () => {
    const found = search();
    void pickPath([sample, own, browse], found.promise, options);
    activate('/own');
    found.end([{ label: 'new', path: '/new' }, sample, { ...own, label: 'again' }, browse]);
    await settled();
    expect(pick.activeItems).toMatchObject([{ ...own, label: 'again' }]);
  });

  it('takes what was clicked before the search has ended, and where it fails what is there', async () => {
    const early = pickPath([sample, browse], new Promise(() => undefined), options);
    activate('/sample');
    pick.accept();
    expect(await early).toBe('/sample');
    const failed = pickPath([sample, browse], Promise.reject(new Error('no engine')), options);
    await settled();
    expect(pick).toMatchObject({ items: [sample, browse], busy: false });
    activate(undefined);
    pick.accept();
    expect(await failed).toBe('/browsed');
  });

  it('gives nothing where the person gives up', async () => {
    const picked = pickPath([sample], Promise.resolve([sample]), options);
    pick.hide();
    expect(await picked).toBeUndefined();
  });

  it('says of each what it is and for which task', () => {
    const found = { path: '/w/a.onnx', what: 'ONNX', task: null, title: 'a.onnx' };
    expect(foundItem(found)).toMatchObject({ label: 'a.onnx', detail: 'ONNX', path: '/w/a.onnx' });
    expect(foundItem({ ...found, task: 'detection' }).detail).toBe('ONNX · detection');
  });
});
