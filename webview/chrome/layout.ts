/** How the panel lays out its parts in the width that the editor gives it. */
import { useEffect, useState } from 'preact/hooks';

/** The side bar below the picture, as one column beside it, or as two: why, and the list. */
export type Layout = 'drawer' | 'one' | 'two';

/** Below the first a side bar would leave the picture less than 300 px; from the second on there is room for two. */
const [ONE_FROM, TWO_FROM] = [600, 1200];

/** @param width of the panel, CSS px. */
export function layoutOf(width: number): Layout {
  if (width < ONE_FROM) return 'drawer';
  return width < TWO_FROM ? 'one' : 'two';
}

/** The layout at the window's width. */
export function useLayout(): Layout {
  const [layout, setLayout] = useState(() => layoutOf(window.innerWidth));
  useEffect(() => {
    const follow = () => setLayout(layoutOf(window.innerWidth));
    window.addEventListener('resize', follow);
    return () => window.removeEventListener('resize', follow);
  }, []);
  return layout;
}
