import { useComputed } from '@preact/signals';
import { SORT_WORDS } from '../rows/example-order.js';
import { countRows } from '../rows/roi-text.js';
import { GridLayout } from '../rows/grid-layout.js';
import type { PanelModel } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { exampleId, Thumbnail } from './thumbnail.js';
import { VirtualGrid } from './virtual-grid.js';
import { t } from '../words/t.js';

/** Thumbnails, hardest first. */
export function ExampleGrid() {
  const { model } = usePanel();
  const rows = model.gridRows.value;
  const layout = useComputed(
    () => new GridLayout([{ name: '', count: model.gridRows.value.length }], model.gridShape.value.columns),
  ).value;
  const at = rows.indexOf(model.focused.value);
  return (
    <VirtualGrid
      layout={layout}
      shape={model.gridShape}
      at={at}
      activeId={at < 0 ? undefined : exampleId(model.focused.value)}
      order={rows}
      classes={model.classes.value}
      label={t('{0} by {1}', countRows(rows.length, 'example'), SORT_WORDS[model.exampleSort.value].name)}
      testId="example-grid"
      Cell={(place) => <Thumbnail key={rows[place]} row={rows[place] ?? 0} place={place} />}
    >
      <p class="example-none quiet">{whyEmpty(model)}</p>
    </VirtualGrid>
  );
}

/** Nothing passes, nothing could be measured, or nothing is there yet. */
function whyEmpty({ rois, examples, progress }: PanelModel): string {
  if ((rois.value?.numRois ?? 0) > 0) return t('No example passes the filters.');
  const failed = examples.value?.images.find(({ error }) => error !== '');
  const left = progress.value?.state === 'running';
  if (failed === undefined || left)
    return left || examples.value === null ? t('Waiting for the first examples…') : t('The run has no examples.');
  return t('No example could be measured. The first: {0}: {1}', failed.id, failed.error);
}
