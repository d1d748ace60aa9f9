import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import type { WebviewPanel } from 'vscode';
import type { Log } from '../../../../src/host/base/log.js';
import { fakeWebview } from '../fake-webview.js';

vi.mock('vscode', async () => {
  const { FakeUri } = await import('../fake-vscode.js');
  return { Uri: FakeUri, env: { language: 'zh-cn' }, l10n: { bundle: { Keys: '按键' } } };
});
const vscode = await import('vscode');
const { WebviewPage } = await import('../../../../src/host/base/webview-page.js');

interface Host {
  ready(params: object): void;
  slow(params: { readonly value: number }): number;
  fail(params: object): void;
}
interface View {
  hello(params: { readonly text: string }): void;
}

function setUp() {
  const { panel, webview, heard, told, posted, load, setVisible } = fakeWebview<View, Host>(['hello']);
  const answers: (() => void)[] = [];
  const roots = ['/images'];
  const stopped = vi.fn();
  const log = { error: vi.fn() };
  const notice = vi.fn();
  const page: InstanceType<typeof WebviewPage<Host, View>> = new WebviewPage<Host, View>(
    panel as unknown as WebviewPanel,
    {
      assets: vscode.Uri.file('/assets'),
      bundle: 'train',
      title: 'T',
      roots: () => roots,
      served: {
        ready: () => page.begin(),
        slow: ({ value }, signal) => {
          signal.addEventListener('abort', stopped);
          return new Promise((resolve) => answers.push(() => resolve(value)));
        },
        fail: () => Promise.reject(new Error('no')),
      },
      requests: { ready: v.object({}), slow: v.object({ value: v.number() }), fail: v.object({}) },
      log: log as unknown as Log,
      notice,
    },
  );
  return { page, roots, webview, heard, told, posted, load, setVisible, answers, stopped, log, notice };
}

describe('a webview of ours', () => {
  it('loads its own bundle, and pictures of the folders that are known', () => {
    const { page, roots, webview } = setUp();
    expect(webview.html).toContain('src="webview:/assets/train.js"');
    expect(webview.html).toContain('<html lang="zh-cn">');
    expect(webview.html).toContain('按键');
    const loadable = () =>
      (webview.options as { localResourceRoots: { path: string }[] }).localResourceRoots.map(({ path }) => path);
    expect(loadable()).toEqual(['/assets', '/images']);
    roots.push('/more');
    page.setRoots();
    expect(loadable()).toEqual(['/assets', '/images', '/more']);
  });

  it('hears nothing before it listens', async () => {
    const { page, load, told } = setUp();
    const other = load();
    page.tell('hello', { text: 'early' });
    other.tell('ready', {});
    await vi.waitFor(() => expect(page.ready).toBe(true));
    page.tell('hello', { text: 'now' });
    await vi.waitFor(() => expect(told).toEqual([{ kind: 'hello', text: 'now' }]));
  });

  it('out of sight: what it waited for is given up, and no answer of before reaches the next page', async () => {
    const { page, load, setVisible, posted, answers, stopped } = setUp();
    const first = load();
    first.tell('ready', {});
    void first.call('slow', { value: 7 });
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    setVisible(false);
    expect([page.ready, stopped.mock.calls.length]).toEqual([false, 1]);
    setVisible(true);
    const second = load();
    second.tell('ready', {});
    const answer = second.call('slow', { value: 8 });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers.forEach((resolve) => resolve());
    expect(await answer).toBe(8);
    expect(posted).toHaveLength(1);
  });

  it('a call that fails is logged here and told there; what was only told becomes a notice', async () => {
    const { load, log, notice } = setUp();
    const other = load();
    other.tell('ready', {});
    await expect(other.call('fail', {})).rejects.toThrow('no');
    expect([log.error.mock.calls, notice.mock.calls]).toEqual([[['no']], []]);
    other.tell('fail', {});
    await vi.waitFor(() => expect(notice).toHaveBeenCalledWith('no'));
  });

  it('passes over what is no message of ours, and refuses what it does not offer', async () => {
    const { heard, load, notice } = setUp();
    const other = load();
    for (const odd of [null, 7, 'x', {}, { t: 'q', m: 7 }, { kind: 'ready' }]) heard.fire(odd);
    other.tell('ready', {});
    await expect(other.call('slow', { value: 'x' as never })).rejects.toThrow('value: expected number, received "x"');
    for (const method of ['constructor', '__proto__', 'toString'])
      await expect(other.call(method as 'slow', { value: 1 })).rejects.toThrow('expected one of ready, slow, fail');
    expect(notice).not.toHaveBeenCalled();
  });

  it('closed, it answers no more', async () => {
    const { page, heard, load, posted } = setUp();
    const other = load();
    other.tell('ready', {});
    await vi.waitFor(() => expect(page.ready).toBe(true));
    page.dispose();
    page.tell('hello', { text: 'late' });
    expect([page.ready, heard.size, posted.length]).toEqual([false, 0, 0]);
  });
});
