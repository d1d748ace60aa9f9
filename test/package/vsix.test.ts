import AdmZip from 'adm-zip';
import { statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { pack } from './pack.mjs';

describe('the universal vsix', () => {
  let path = '';
  let names: string[] = [];
  beforeAll(async () => {
    path = await pack();
    names = new AdmZip(path).getEntries().map((entry) => entry.entryName);
  }, 180_000);

  it('is smaller than 15 MB', () => {
    expect(statSync(path).size).toBeLessThan(15e6);
  });

  it('has no native binary', () => {
    expect(names.filter((name) => /\.(node|so|dylib|dll|exe)$|\.so\.\d/.test(name))).toEqual([]);
  });

  it('has what a person needs offline', () => {
    for (const needed of [
      'extension/package.json',
      'extension/dist/host.js',
      'extension/dist/worker.mjs',
      'extension/dist/webview/panel.js',
      'extension/dist/webview/panel.css',
      'extension/dist/webview/train.js',
      'extension/dist/webview/train.css',
      'extension/media/sample/instances.json',
      'extension/media/sample/checkpoint/ohem.json',
      'extension/docs/checkpoints.md',
    ]) {
      expect(names).toContain(needed);
    }
  });

  it('has the licences of what others wrote, bundled or not', () => {
    const text = new AdmZip(path).readAsText('extension/dist/THIRD-PARTY-LICENSES.txt');
    const sections = text.split(/^-{80}$/m).map((section) => section.trim());
    const apache = /Apache-2\.0[^]*TERMS AND CONDITIONS FOR USE/;
    expect(sections.find((section) => section.startsWith('@litertjs/core '))).toMatch(apache);
    expect(sections.find((section) => section.startsWith('@tensorflow/tfjs-core '))).toMatch(apache);
    expect(sections.find((section) => section.startsWith('preact '))).toContain('The MIT License');
    expect(sections.find((section) => section.startsWith('onnxruntime-web '))).toContain('MIT');
  });

  it('has no sources, tests or maps', () => {
    expect(names.filter((name) => /extension\/(src|test|webview|docs\/[^/]+)\/|\.map$|\.ohem$/.test(name))).toEqual([]);
  });
});
