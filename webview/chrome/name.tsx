import { splitName } from '../rows/middle.js';

/** A name that is cut in its middle where there is no room for it. What it stands in has the whole as its tooltip. */
export function Name({ children }: { readonly children: string }) {
  const [first, last] = splitName(children);
  return (
    <span class="name">
      <span class="name-first">{first}</span>
      {last !== '' && <span class="name-last">{last}</span>}
    </span>
  );
}
