import { useComputed } from '@preact/signals';
import { NONE } from '../src/core/tables.js';
import { Stage } from './canvas/stage.js';
import { Footer } from './chrome/footer.js';
import { Header } from './chrome/header.js';
import { KeysDialog } from './chrome/keys-dialog.js';
import { useLayout } from './chrome/layout.js';
import { Notices } from './chrome/notices.js';
import { ProgressStrip } from './chrome/progress-strip.js';
import { ExampleRoom } from './examples/example-room.js';
import { GalleryRoom } from './gallery/gallery-room.js';
import { Side } from './side.js';
import { PanelContext, usePanel, type Panel } from './state/panel-context.js';
import { announcement, roiWords } from './rows/roi-text.js';

/** The whole panel: the picture is the room, the controls are a side bar. */
export function App({ panel }: { readonly panel: Panel }) {
  const { model } = panel;
  const shown = model.room.value;
  const layout = useLayout();
  return (
    <PanelContext.Provider value={panel}>
      <div class="panel" data-layout={layout} data-task={model.manifest.value?.task}>
        <Header />
        <ProgressStrip />
        <Notices />
        <div class="rooms">
          {shown === 'picture' && <Stage />}
          {shown === 'examples' && <ExampleRoom />}
          {shown === 'gallery' && <GalleryRoom />}
          {model.sideOpen.value && <Side layout={layout} room={shown} />}
        </div>
        <Footer />
        <KeysDialog />
        <Announcer />
      </div>
    </PanelContext.Provider>
  );
}

/** Tells a screen reader which RoI or example has the focus. */
function Announcer() {
  const { model } = usePanel();
  const text = useComputed(() => {
    const [rois, selection, row] = [model.rois.value, model.selection.value, model.focused.value];
    if (rois === null || selection === null || row === NONE || row >= rois.numRois) return '';
    const words = roiWords(rois, model.predictions.value, row, model.classes.value);
    return announcement(words, selection, row, model.noun.value);
  });
  return (
    <div class="visually-hidden" aria-live="polite" data-testid="announcer">
      {text.value}
    </div>
  );
}
