import { useEffect, useRef } from 'preact/hooks';
import { Status } from '../../src/core/tables.js';
import { countOf } from '../state/format.js';
import { usePanel } from '../state/panel-context.js';
import { Legend } from './legend.js';
import { startPainting } from './painter.js';
import { followPointers } from './pointers.js';

/** The picture with its boxes: three canvases, one above the other, and the legend below. */
export function Stage() {
  const { model, actions } = usePanel();
  const stage = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const boxes = useRef<HTMLCanvasElement>(null);
  const focus = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (stage.current === null || picture.current === null || boxes.current === null || focus.current === null) return;
    const stops = [
      followSize(stage.current, (width, height) => (model.stageSize.value = { width, height })),
      startPainting(model, { picture: picture.current, boxes: boxes.current, focus: focus.current }),
      followPointers(stage.current, actions),
    ];
    return () => stops.forEach((stop) => stop());
  }, [model, actions]);
  return (
    <main class="room">
      <div ref={stage} class="stage" tabIndex={0} role="application" aria-roledescription="image with RoIs" aria-label={stageLabel(model)}>
        <canvas ref={picture} class="layer" data-testid="canvas-picture" />
        <canvas ref={boxes} data-testid="canvas" />
        <canvas ref={focus} class="layer" data-testid="canvas-focus" />
        <StageMessage />
      </div>
      <Legend />
    </main>
  );
}

function stageLabel(model: ReturnType<typeof usePanel>['model']): string {
  const image = model.image.value;
  if (image === null) return 'No image';
  const selected = countOf(model.selection.value?.counts[Status.selected] ?? 0, 'selected RoI');
  return `${image.summary.id}: ${selected}, ${countOf(image.gts.numGts, 'ground truth')}. J and K step through the RoIs.`;
}

/** Why there is no picture, or no RoI. */
function StageMessage() {
  const { model } = usePanel();
  const image = model.image.value;
  const text = image === null ? '' : image.summary.error || image.imageNote || model.pictureNote.value;
  if (text === '') return null;
  return (
    <p class="stage-message" data-testid="stage-message">
      {text}
    </p>
  );
}

function followSize(element: HTMLElement, report: (width: number, height: number) => void): () => void {
  const observer = new ResizeObserver(([entry]) => {
    if (entry !== undefined) report(entry.contentRect.width, entry.contentRect.height);
  });
  observer.observe(element);
  return () => observer.disconnect();
}
