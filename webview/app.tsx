import { useComputed } from '@preact/signals';
import { NONE } from '../src/core/tables.js';
import { Stage } from './canvas/stage.js';
import { Footer } from './chrome/footer.js';
import { Header } from './chrome/header.js';
import { KeysDialog } from './chrome/keys-dialog.js';
import { Notices } from './chrome/notices.js';
import { ProgressStrip } from './chrome/progress-strip.js';
import { Controls } from './controls/controls.js';
import { Histogram } from './controls/histogram.js';
import { Details } from './details/details.js';
import { GtSection } from './details/gt-section.js';
import { PanelContext, usePanel, type Panel } from './state/panel-context.js';
import { announcement } from './state/roi-text.js';
import { RoiListSection } from './table/roi-list.js';

/** The whole panel: the picture is the room, the controls are a side bar. */
export function App({ panel }: { readonly panel: Panel }) {
  return (
    <PanelContext.Provider value={panel}>
      <div class="panel" data-side-open={panel.model.sideOpen.value}>
        <Header />
        <ProgressStrip />
        <Notices />
        <Stage />
        <aside class="side" aria-label="Selection and details">
          <Controls />
          <Histogram />
          <RoiListSection />
          <Details />
          <GtSection />
        </aside>
        <Footer />
        <KeysDialog />
        <Announcer />
      </div>
    </PanelContext.Provider>
  );
}

/** Tells a screen reader which RoI has the focus. */
function Announcer() {
  const { model } = usePanel();
  const text = useComputed(() => {
    const [image, selection, row] = [model.image.value, model.selection.value, model.focused.value];
    if (image === null || selection === null || row === NONE || row >= image.rois.numRois) return '';
    return announcement(image.rois, selection, row, model.classes.value);
  });
  return (
    <div class="visually-hidden" aria-live="polite" data-testid="announcer">
      {text.value}
    </div>
  );
}
