import { useEffect, useState } from 'preact/hooks';
import { loadPicture, type Picture } from './image-layer.js';
import { messageOf } from '../words/message-of.js';

/** The picture at an address; null while it loads, and where there is none. */
export function usePicture(uri: string | null, onFault: (text: string) => void): Picture | null {
  const [picture, setPicture] = useState<Picture | null>(null);
  useEffect(() => {
    let current = true;
    setPicture(null);
    if (uri === null) return undefined;
    const loading = loadPicture(uri);
    loading.then(
      (loaded) => current && setPicture(loaded),
      (error: unknown) => current && onFault(messageOf(error)),
    );
    return () => {
      current = false;
      void loading.then(({ bitmap }) => bitmap.close()).catch(() => undefined);
    };
  }, [uri]);
  return picture?.uri === uri ? picture : null;
}
