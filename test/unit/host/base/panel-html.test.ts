import { describe, expect, it } from 'vitest';
import { panelHtml } from '../../../../src/host/base/panel-html.js';

const page = {
  cspSource: 'https://source',
  nonce: 'N0',
  scriptUri: 'https://x/panel.js?a&b',
  styleUri: 'https://x/panel.css',
  language: 'en',
  title: '"><script>alert(1)</script>🙂.ohem',
  words: undefined,
};

describe('the panel’s page', () => {
  const html = panelHtml(page);

  it('refuses everything but its own files', () => {
    const policy = /content="(default-src [^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy.split('; ')[0]).toBe("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-N0'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
  });

  it('has one script, with the nonce, and nothing inline', () => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script type="module" nonce="N0" src="https://x/panel.js?a&#38;b"></script>');
    expect(html).not.toMatch(/<style| style=| on\w+=/);
  });

  it('hands over the texts of the editor’s language, as text', () => {
    expect(html).not.toContain('l10n');
    const chinese = panelHtml({ ...page, words: { 'a "b"': '<难例>' } });
    expect(chinese).toContain('<meta name="l10n" content="{&#34;a \\&#34;b\\&#34;&#34;:&#34;&#60;难例&#62;&#34;}">');
  });

  it('hands over what was chosen in other tabs', () => {
    expect(html).not.toContain('name="kept"');
    expect(panelHtml({ ...page, kept: { sideOpen: false } })).toContain(
      '<meta name="kept" content="{&#34;sideOpen&#34;:false}">',
    );
  });

  it('a file name is text', () => {
    expect(html).toContain('<title>&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;🙂.ohem</title>');
  });
});
