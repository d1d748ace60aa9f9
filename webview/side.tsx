import type { Layout } from './chrome/layout.js';
import { useSize } from './chrome/split-size.js';
import { Splitter } from './chrome/splitter.js';
import { columnsOf, type SideColumn } from './sections.js';
import type { Room } from './state/model.js';
import { t } from './words/t.js';

/** Least width of a column, and least height of the drawer, CSS px. */
const LEAST = 240;

export interface SideProps {
  readonly layout: Layout;
  readonly room: Room;
}

/** What stands beside the room: a drawer below it, one column, or two. */
export function Side({ layout, room }: SideProps) {
  const drawer = useSize('drawer');
  const below = layout === 'drawer';
  return (
    <>
      {below && <Splitter id="drawer" label={t('the drawer')} axis="y" behind least={LEAST} />}
      <aside class="side" aria-label={t('Selection and details')} style={{ height: below ? drawer.css : undefined }}>
        {columnsOf(layout, room).map((column) => (
          <ColumnView key={column.name} column={column} splits={!below} />
        ))}
      </aside>
    </>
  );
}

/** @param splits whether its width can be chosen. */
function ColumnView({ column, splits }: { readonly column: SideColumn; readonly splits: boolean }) {
  const { css } = useSize(column.name);
  return (
    <>
      {splits && <Splitter id={column.name} label={column.label} axis="x" behind least={LEAST} />}
      <div class="side-column" data-testid={`column-${column.name}`} style={{ width: splits ? css : undefined }}>
        {column.views.map((View) => (
          <View />
        ))}
      </div>
    </>
  );
}
