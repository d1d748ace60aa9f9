import { countOf, formatCount, formatLoss } from '../state/format.js';
import { LAYER_IDS, type LayerId } from '../state/filters.js';
import { usePanel } from '../state/panel-context.js';
import { STATUS_WORDS } from '../state/roi-text.js';
import { IconButton } from './icon-button.js';

/** Image, its place, the layer chips, and the buttons of the view. */
export function Header() {
  return (
    <header class="header">
      <ImageSteps />
      <ImageTitle />
      <LayerChips />
      <ViewButtons />
    </header>
  );
}

function ImageSteps() {
  const { model, actions } = usePanel();
  const position = model.image.value?.position ?? 0;
  // While the run grows, harder and easier images may come at either end.
  const growing = model.progress.value?.state === 'running';
  const [first, last] = [position <= 0, position >= model.numImages.value - 1];
  return (
    <div class="button-row">
      <IconButton icon="chevron-left" label="Previous image, harder" keyHint="P" testId="previous-image" disabled={first && !growing} onClick={() => actions.stepImage(-1)} />
      <IconButton icon="chevron-right" label="Next image, easier" keyHint="N" testId="next-image" disabled={last && !growing} onClick={() => actions.stepImage(1)} />
    </div>
  );
}

function ImageTitle() {
  const { model, actions } = usePanel();
  const [image, selection] = [model.image.value, model.selection.value];
  if (image === null) return <div class="image-title">{model.manifest.value === null ? 'Opening…' : 'Waiting for the first image…'}</div>;
  const { id, width, height } = image.summary;
  return (
    <div class="image-title">
      <h1 class="image-name">
        <button type="button" class="link-button" title={`Open ${id}`} data-testid="image-name" onClick={actions.openImage}>
          {id}
        </button>
      </h1>
      <span class="quiet" data-testid="image-position" data-image-index={image.imageIndex} data-position={image.position}>
        hardest image {formatCount(image.position + 1)} of {formatCount(model.numImages.value)}
      </span>
      <span class="quiet" data-testid="image-summary">
        Σ selected loss {formatLoss(selection?.lossSum ?? 0)} · {countOf(image.rois.numRois, 'RoI')}
        {width > 0 && ` · ${width} × ${height}`}
      </span>
    </div>
  );
}

/** The switches of the layers, with counts. */
function LayerChips() {
  return (
    <div class="chips" role="group" aria-label="Layers">
      {LAYER_IDS.map((id, place) => (
        <LayerChip key={id} id={id} place={place} />
      ))}
      <Thinning />
    </div>
  );
}

function LayerChip({ id, place }: { readonly id: LayerId; readonly place: number }) {
  const { model, actions } = usePanel();
  const count = place < STATUS_WORDS.length ? (model.selection.value?.counts[place] ?? 0) : (model.image.value?.gts.numGts ?? 0);
  const words = STATUS_WORDS[place] ?? 'ground truth';
  const on = model.layers.value[id];
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={on}
      data-testid={`layer-${id}`}
      data-count={count}
      data-empty={count === 0}
      title={`${on ? 'Hide' : 'Show'} ${words} (${place + 1})`}
      onClick={() => actions.toggleLayer(id)}
    >
      <span class={`mark mark-${id}`} aria-hidden="true" />
      {words} <span class="chip-count">{formatCount(count)}</span>
    </button>
  );
}

/** Says that not all is drawn, and offers to draw it. */
function Thinning() {
  const { model, actions } = usePanel();
  const { numDrawn, rest } = model.layerRows.value;
  const all = model.drawAll.value;
  if (rest.length === 0 && !all) return null;
  return (
    <span class="thinning" data-testid="thinning">
      {!all && `${formatCount(numDrawn)} drawn, ${formatCount(rest.length)} as tint `}
      <button type="button" class="text-button" aria-pressed={all} data-testid="draw-all" onClick={() => actions.setDrawAll(!all)}>
        Draw all
      </button>
    </span>
  );
}

function ViewButtons() {
  const { model, actions } = usePanel();
  return (
    <div class="button-row">
      <IconButton icon="fit" label="Fit the image" keyHint="F" testId="fit" onClick={actions.fit} />
      <button type="button" class="icon-button actual-size" title="One image pixel to one screen pixel (0)" data-testid="actual-size" onClick={actions.actualSize}>
        1:1
      </button>
      <IconButton icon="help" label="Keys" keyHint="?" testId="show-keys" onClick={() => actions.showKeys(true)} />
      <span class="side-toggle">
        <IconButton icon="side" label="Side bar" testId="toggle-side" pressed={model.sideOpen.value} onClick={actions.toggleSide} />
      </span>
    </div>
  );
}

