import { useEffect, useRef } from 'preact/hooks';
import { whyNoLoss } from '../../src/core/facts/run-manifest.js';
import { NONE, Status } from '../../src/core/tables.js';
import { menuContext } from '../chrome/menu-context.js';
import { countOf } from '../rows/format.js';
import { placeNow } from '../state/decision-now.js';
import type { PanelModel, SideId } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { Legend } from './legend.js';
import { startPainting } from './painter.js';
import { followPointers } from './pointers.js';
import { t, tListed } from '../words/t.js';

/** The picture with its boxes, or two of them side by side; the legend below. */
export function Stage() {
  const { model } = usePanel();
  const twice = model.comparison.value !== null && model.compareView.value === 'side';
  return (
    <main class="room">
      <div class="panes">
        <StagePane side="a" name={twice ? `A · ${model.mining.value.preset}` : ''} />
        {twice && <StagePane side="b" name={`B · ${model.compared.value?.preset ?? ''}`} />}
      </div>
      <Legend />
    </main>
  );
}

/** One picture: three canvases, one above the other. Both have the same size, viewport and focus. */
function StagePane({ side, name }: { readonly side: SideId; readonly name: string }) {
  const { model, actions } = usePanel();
  const stage = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const boxes = useRef<HTMLCanvasElement>(null);
  const focus = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (stage.current === null || picture.current === null || boxes.current === null || focus.current === null) return;
    const stops = [
      side === 'a'
        ? followSize(stage.current, (width, height) => (model.stageSize.value = { width, height }))
        : () => {},
      startPainting(model, side, { picture: picture.current, boxes: boxes.current, focus: focus.current }),
      followPointers(stage.current, side, actions),
    ];
    return () => stops.forEach((stop) => stop());
  }, [model, side, actions]);
  return (
    <div
      ref={stage}
      class="stage"
      tabIndex={0}
      role="application"
      aria-roledescription={t('image with RoIs')}
      aria-label={stageLabel(model, side)}
      {...stageMenu(model)}
    >
      <canvas ref={picture} class="layer" data-testid={testId('canvas-picture', side)} />
      <canvas ref={boxes} data-testid={testId('canvas', side)} />
      <canvas ref={focus} class="layer" data-testid={testId('canvas-focus', side)} />
      {name !== '' && <span class="pane-name">{name}</span>}
      {side === 'a' && <StageMessage />}
    </div>
  );
}

function testId(name: string, side: SideId): string {
  return side === 'a' ? name : `${name}-b`;
}

function stageLabel(model: PanelModel, side: SideId): string {
  const image = model.image.value;
  if (image === null) return t('No image');
  const { selection } = side === 'a' ? model : model.other;
  const selected = countOf(selection.value?.counts[Status.selected] ?? 0, '{0} selected RoI', '{0} selected RoIs');
  const objects = countOf(image.gts.numGts, '{0} ground truth', '{0} ground truths');
  return t('{0}: {1}, {2}. J and K step through the RoIs.', image.summary.id, selected, objects);
}

/** Of the image, and of the object of the RoI in focus. */
function stageMenu(model: PanelModel): Readonly<Record<string, string>> {
  const place = placeNow(model);
  if (model.image.value === null || place === null) return {};
  const { rois, gts } = model.image.value;
  return menuContext(place, gts.annotation[rois.gtIndex[model.focused.value] ?? NONE]);
}

/** Why there is no picture, or no RoI. */
function StageMessage() {
  const { model, actions } = usePanel();
  const image = model.image.value;
  const text = image === null ? '' : tListed(whyNoLoss(image.summary)) || image.imageNote || model.pictureNote.value;
  if (text === '') return null;
  return (
    <p class="stage-message" data-testid="stage-message">
      {text}
      {image?.isElsewhere === true && (
        <button type="button" class="text-button" data-testid="locate-images" onClick={actions.locateImages}>
          {t('Locate Images…')}
        </button>
      )}
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
