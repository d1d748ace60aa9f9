import { Name } from '../chrome/name.js';
import { isStale, type RunComparison } from '../rows/comparison.js';
import { countOf, formatShare } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { FactsTable } from './facts-table.js';
import { t } from '../words/t.js';

/** The same question over the whole run: the host's process answers it. */
export function RunComparisonView() {
  const { model, actions } = usePanel();
  const [answer, b] = [model.runComparison.value, model.compared.value];
  if (b === null) return null;
  const stale = answer === null || isStale(answer, model.mining.value, b);
  const waiting = answer !== null && answer.total === null && answer.error === '';
  return (
    <div class="compare-run" data-testid="run-comparison" data-state={waiting ? 'waiting' : stale ? 'stale' : 'done'}>
      <button
        type="button"
        class="text-button"
        data-testid="compare-run"
        disabled={waiting || !stale}
        onClick={() => void actions.compareRun()}
      >
        {waiting
          ? t('Comparing over the run…')
          : answer === null
            ? t('Compare over the run')
            : t('Compare over the run again')}
      </button>
      {answer !== null && !waiting && <RunAnswer answer={answer} stale={stale} />}
    </div>
  );
}

function RunAnswer({ answer, stale }: { readonly answer: RunComparison; readonly stale: boolean }) {
  if (answer.total === null) return <p class="option-error">{answer.error}</p>;
  if (stale) return <p class="option-note">{t('The settings have changed since.')}</p>;
  return (
    <>
      <FactsTable facts={answer.total} caption={countOf(answer.numImages, 'Over {0} image', 'Over {0} images')} />
      <Differing answer={answer} />
    </>
  );
}

/** Where to look: images on which the two agree least. */
function Differing({ answer }: { readonly answer: RunComparison }) {
  const { actions } = usePanel();
  if (answer.differing.length === 0) return <p class="quiet">{t('Both select the same everywhere.')}</p>;
  return (
    <>
      <p class="quiet">{t('Least overlap:')}</p>
      <ul class="compare-images">
        {answer.differing.map(({ imageIndex, id, overlap }) => (
          <li key={imageIndex}>
            <button
              type="button"
              class="link-button"
              data-testid="compare-image"
              title={id}
              onClick={() => actions.showImage(imageIndex)}
            >
              <Name>{id}</Name>
            </button>
            <span>{formatShare(overlap)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
