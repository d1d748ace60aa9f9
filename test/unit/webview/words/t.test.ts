import { afterEach, describe, expect, it, vi } from 'vitest';
import { translator } from '../../../../webview/words/t.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('a text of the pages', () => {
  it('is in the language of the table, with the values in its places', () => {
    const t = translator({ '{0} of {1} images': '{1} 张图像中的 {0} 张' });
    expect(t('{0} of {1} images', 37, '66')).toBe('66 张图像中的 37 张');
  });

  it('is English where the table lacks it', () => {
    expect(translator({})('Keys')).toBe('Keys');
    expect(translator({})('{0} of {1}', 0, '')).toBe('0 of ');
  });

  it('keeps a place that has no value, and takes a value as it is', () => {
    const t = translator({});
    expect(t('{0} and {1}', '{1}')).toBe('{1} and {1}');
    expect(t('{0}', '$&')).toBe('$&');
  });

  it('comes from the table in the page', async () => {
    const content = JSON.stringify({ Keys: '按键' });
    vi.stubGlobal('document', { querySelector: (path: string) => (path === 'meta[name="l10n"]' ? { content } : null) });
    const { t } = await import('../../../../webview/words/t.js');
    expect(t('Keys')).toBe('按键');
  });
});
