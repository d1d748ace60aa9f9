import { useEffect, useRef } from 'preact/hooks';
import { NONE } from '../../src/core/tables.js';
import type { Box, PageSide } from '../../src/protocol/checkpoint-messages.js';
import { paintPicture, type Picture } from '../canvas/image-layer.js';
import { COLOUR, GROUND_TRUTH, SELECTED, strokePath, type Stroke } from '../canvas/marks.js';
import { followPointers } from '../canvas/pointers.js';
import { addRect, openSurface } from '../canvas/surface.js';
import { paintTag } from '../canvas/tag.js';
import { usePicture } from '../canvas/use-picture.js';
import { IconButton } from '../chrome/icon-button.js';
import type { Rect, Size, Viewport } from '../geometry/viewport.js';
import { formatScore } from '../rows/format.js';
import { t } from '../words/t.js';
import { useCheckpoints } from './checkpoint-room.js';
import { setFault } from './checkpoint-model.js';
import { SideFacts } from './side-facts.js';

/** Colours on a photograph: no theme changes them. The words on the tag tell the same. */
const [KNOWN, NOT_KNOWN] = ['rgb(86, 180, 233)', 'rgb(255, 176, 0)'];
/** Magnification of one press of a key or a button. */
const ZOOM = 1.4;
/** Way of one press of an arrow, CSS px. */
const PAN = 60;

/** The chosen example as A and B see it: one place, one zoom. */
export function SideBySide() {
  const { model, actions } = useCheckpoints();
  const sides = model.sides.value;
  const picture = usePicture(sides?.[0].uri ?? null, (text) => setFault(model, 'picture', text));
  return (
    <section class="pair" aria-label={t('The example at A and at B')}>
      <div class="pair-tools">
        <span class="pair-title" data-testid="pair-title">
          {model.chosen.value?.image}
        </span>
        <IconButton icon="target" label={t('Zoom to the object')} keyHint="O" onClick={actions.zoomToObject} />
        <IconButton icon="fit" label={t('Whole image')} keyHint="0" onClick={actions.fit} />
        <IconButton icon="zoom-out" label={t('Zoom out')} keyHint="−" onClick={() => actions.zoomMiddle(1 / ZOOM)} />
        <IconButton icon="zoom-in" label={t('Zoom in')} keyHint="+" onClick={() => actions.zoomMiddle(ZOOM)} />
      </div>
      <div class="pair-panes">
        <Pane side={0} picture={picture} />
        <Pane side={1} picture={picture} />
      </div>
    </section>
  );
}

/** Both panes have the same size and viewport. */
function Pane({ side, picture }: { readonly side: 0 | 1; readonly picture: Picture | null }) {
  const { model, actions } = useCheckpoints();
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = model.sides.value?.[side];
  const letter = side === 0 ? 'A' : 'B';
  useEffect(() => {
    if (stage.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && side === 0) model.stageSize.value = sizeOf(entry.contentRect);
    });
    observer.observe(stage.current);
    const nothing = { clickStage: () => undefined, hover: () => undefined, rowUnder: () => NONE };
    const stop = followPointers(stage.current, 'a', { ...nothing, pan: actions.pan, zoom: actions.zoom });
    return () => [observer.disconnect(), stop()];
  }, [model, actions, side]);
  useEffect(() => {
    if (canvas.current === null) return;
    const context = openSurface(canvas.current, model.stageSize.value);
    if (context === null || shown === undefined) return;
    const image = model.imageSize.value;
    paintPicture(context, picture, image, model.viewport.value, 0);
    paintSide(context, { shown, viewport: model.viewport.value, stage: model.stageSize.value, label: labelOf(model) });
  });
  const press = (event: KeyboardEvent) => {
    const act = keys(actions)[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  };
  return (
    <div class="pane">
      <div
        ref={stage}
        class="stage"
        tabIndex={0}
        role="application"
        aria-roledescription={t('image with RoIs')}
        aria-label={shown === undefined ? letter : `${letter}: ${sideText(shown)}`}
        data-testid={`pane-${letter.toLowerCase()}`}
        data-scale={model.viewport.value.scale.toFixed(3)}
        data-loaded={picture !== null}
        onKeyDown={press}
      >
        <canvas ref={canvas} />
        <span class="pane-name">{letter}</span>
        {shown !== undefined && shown.note !== '' && <p class="stage-message">{shown.note}</p>}
      </div>
      <SideFacts side={side} letter={letter} />
    </div>
  );
}

function sizeOf({ width, height }: DOMRectReadOnly): Size {
  return { width, height };
}

function keys(actions: ReturnType<typeof useCheckpoints>['actions']): Readonly<Record<string, () => void>> {
  return {
    '+': () => actions.zoomMiddle(ZOOM),
    '=': () => actions.zoomMiddle(ZOOM),
    '-': () => actions.zoomMiddle(1 / ZOOM),
    0: actions.fit,
    o: actions.zoomToObject,
    ArrowLeft: () => actions.pan(PAN, 0),
    ArrowRight: () => actions.pan(-PAN, 0),
    ArrowUp: () => actions.pan(0, PAN),
    ArrowDown: () => actions.pan(0, -PAN),
    j: () => actions.step(1),
    k: () => actions.step(-1),
  };
}

function labelOf(model: ReturnType<typeof useCheckpoints>['model']): string {
  const chosen = model.chosen.value;
  for (const rows of model.pages.value.values())
    for (const row of rows) if (row.image === chosen?.image && row.gt === chosen.gt) return row.label;
  return '';
}

interface SideScene {
  readonly shown: PageSide;
  readonly viewport: Viewport;
  readonly stage: Size;
  readonly label: string;
}

function paintSide(context: CanvasRenderingContext2D, { shown, viewport, stage, label }: SideScene): void {
  const { fontFamily } = getComputedStyle(context.canvas);
  const { gtBox, roi } = shown;
  if (gtBox !== null) {
    const rect = rectOf(gtBox, viewport);
    strokeRect(context, rect, stage, { ...GROUND_TRUTH, width: 2, dash: [4, 4] }, COLOUR.groundTruth);
    paintTag(context, { text: label, rect, stage, side: 'below', fontFamily });
  }
  if (roi === null || roi.box === null) return;
  const rect = rectOf(roi.box, viewport);
  const ground = roi.known ? KNOWN : NOT_KNOWN;
  strokeRect(context, rect, stage, { ...SELECTED, width: 3 }, ground);
  const [name, score] = roi.scores[0] ?? ['', Number.NaN];
  paintTag(context, { text: `${name} ${formatScore(score)}`.trim(), rect, stage, side: 'above', ground, fontFamily });
}

function strokeRect(context: CanvasRenderingContext2D, rect: Rect, stage: Size, stroke: Stroke, colour: string): void {
  context.beginPath();
  addRect(context, rect, stage, stroke.width);
  strokePath(context, stroke, colour);
}

function rectOf([x1, y1, x2, y2]: Box, { scale, x, y }: Viewport): Rect {
  return { x1: x1 * scale + x, y1: y1 * scale + y, x2: x2 * scale + x, y2: y2 * scale + y };
}

/** The side in a sentence, for those who do not see the picture. */
export function sideText({ roi }: PageSide): string {
  if (roi === null) return t('No RoI met it.');
  const scores = roi.scores.map(([name, score]) => `${name} ${formatScore(score)}`).join(', ');
  return `${roi.known ? t('Known.') : t('Not known.')} ${scores}`;
}
