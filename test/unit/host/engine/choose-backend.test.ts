import { describe, expect, it, vi } from 'vitest';
import type { BackendVerdict } from '../../../../src/core/facts/backend-verdict.js';

const texts: string[] = [];
class MarkdownString {
  value = '';
  appendText(text: string) {
    texts.push(text);
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~<>]/g, '\\$&');
    return this;
  }
  appendMarkdown(text: string) {
    this.value += text;
    return this;
  }
}
const t = (text: string, ...given: unknown[]) =>
  given.reduce<string>((all, value, i) => all.replace(`{${i}}`, String(value)), text);
vi.mock('vscode', () => ({ l10n: { t }, MarkdownString, ThemeIcon: class {}, QuickPickItemKind: { Separator: -1 } }));
const { itemsOf, otherBackends } = await import('../../../../src/host/engine/choose-backend.js');
const { tooltipOf } = await import('../../../../src/host/mine/backend-status.js');

const verdict = (id: string, runs: boolean, speed = 0): BackendVerdict => ({
  id,
  title: `Title of ${id}`,
  formats: ['onnx'],
  runs,
  version: '1.2',
  device: 'CPU',
  reason: runs ? '' : 'no library',
  speed,
});
const verdicts = [verdict('gpu', false), verdict('cpu', true, 369.4), verdict('wasm', true)];
const shown = (pinned: string) =>
  itemsOf(verdicts, pinned).map(({ label, description, pin }) => [label, description ?? '', pin]);

describe('the backends to choose from', () => {
  it('are listed with verdict, speed and reason; those that run come first, in order', () => {
    expect(shown('')).toEqual([
      ['$(check) The best that runs here', 'now', ''],
      ['They run', '', undefined],
      ['$(pass) cpu', 'Title of cpu · 369 forwards/s', 'cpu'],
      ['$(pass) wasm', 'Title of wasm', 'wasm'],
      ['They do not', '', undefined],
      ['$(circle-slash) gpu', 'does not run', 'gpu'],
      ['', '', undefined],
      ['$(tools) Set Up GPU Backend…', '', undefined],
    ]);
    expect(itemsOf(verdicts, '').find(({ pin }) => pin === 'gpu')?.detail).toBe('no library');
  });

  it('say which one is pinned, also one that nobody knows', () => {
    expect(shown('wasm')).toContainEqual(['$(pinned) wasm', 'Title of wasm · pinned', 'wasm']);
    expect(shown('wasm')[0]).toEqual(['$(wand) The best that runs here', '', '']);
    expect(shown('onnx')).toContainEqual(['$(warning) onnx', 'pinned', 'onnx']);
  });
});

describe('the status bar’s tooltip', () => {
  const backend = { id: 'tfjs-wasm', version: '4.22.0', device: 'WASM', refused: ['tfjs-node: [click](command:evil)'] };

  it('names the backend in use, why better ones were refused, and the runtime; reasons are text', () => {
    const { value } = tooltipOf(backend, 'tfjs-cpu', 'Node.js v22 on the PATH');
    expect(texts).toContain('tfjs-node: [click](command:evil)');
    expect(value).not.toContain('[click](');
    for (const part of [
      'tfjs\\-wasm 4.22.0 · WASM',
      'Better ones that do not run:',
      'Pinned for new runs: tfjs\\-cpu',
      'Engine process: Node.js v22 on the PATH',
    ])
      expect(value).toContain(part);
  });

  it('before a run: what a new one would take', () => {
    expect(tooltipOf(null, '', '').value).toContain('takes the best backend that runs here');
    expect(tooltipOf(null, 'tfjs-cpu', '').value).toContain('takes tfjs\\-cpu, which is pinned');
  });
});

describe('another backend for a run that failed', () => {
  const all = [
    verdict('first', true),
    { ...verdict('tfjs', true), formats: ['tfjs-graph'] },
    verdict('second', true),
    verdict('dead', false),
    verdict('third', true),
  ];

  it('runs, opens a format of the one that failed, and is the next best first', () => {
    expect(otherBackends(all, 'second').map(({ id }) => id)).toEqual(['third', 'first']);
    expect(otherBackends(all, 'first').map(({ id }) => id)).toEqual(['second', 'third']);
    expect(otherBackends(all, 'tfjs')).toEqual([]);
  });

  it('of an unknown one: any that runs', () => {
    expect(otherBackends(all, 'gone').map(({ id }) => id)).toEqual(['first', 'tfjs', 'second', 'third']);
  });
});
