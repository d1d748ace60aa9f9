import { IconButton } from './icon-button.js';
import { Name } from './name.js';
import { t } from '../words/t.js';

export interface FilterPillProps {
  readonly words: string;
  readonly testId: string;
  readonly onClear: () => void;
}

/** What a grid is filtered by, with its way out. */
export function FilterPill({ words, testId, onClear }: FilterPillProps) {
  return (
    <span class="filter-pill" title={words} data-testid={testId}>
      <Name>{words}</Name>
      <IconButton icon="close" label={t('Clear {0}', words)} onClick={onClear} />
    </span>
  );
}
