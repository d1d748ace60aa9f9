import { useState } from 'preact/hooks';
import { t } from '../words/t.js';

/** A picture; single pixels of small ones stay sharp squares. Where it cannot be loaded, a word says so. */
export function Pixels({ uri, alt = '' }: { readonly uri: string | null; readonly alt?: string }) {
  const [failed, setFailed] = useState<string | null>(null);
  if (uri === null || failed === uri) return <span class="pixels pixels-none quiet">{t('no picture')}</span>;
  return (
    <img
      class="pixels"
      src={uri}
      alt={alt}
      decoding="async"
      draggable={false}
      onLoad={(event) => markTiny(event.currentTarget)}
      onError={() => setFailed(uri)}
    />
  );
}

/** Enlarged by less than half, smoothing serves better. */
function markTiny(image: HTMLImageElement): void {
  const { width, height } = image.getBoundingClientRect();
  const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  image.dataset['tiny'] = String(scale * window.devicePixelRatio >= 1.5);
}
