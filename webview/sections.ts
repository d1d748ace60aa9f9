/** The sections of the side bar, from top to bottom. A choice of one section is defined in it: see `choice`. */
import type { FunctionComponent } from 'preact';
import { AdviceSection } from './advice/advice-section.js';
import type { Layout } from './chrome/layout.js';
import { CompareSection } from './compare/compare-section.js';
import { Controls } from './controls/controls.js';
import { DecisionSection } from './decide/decision-section.js';
import { Histogram } from './controls/histogram.js';
import { Details } from './details/details.js';
import { GtSection } from './details/gt-section.js';
import { MeasureSection } from './measure/measure-section.js';
import { ExampleDetails } from './examples/example-details.js';
import { FacetsSection } from './gallery/facets-section.js';
import type { Room } from './state/model.js';
import { RoiListSection } from './table/roi-list.js';
import { t } from './words/t.js';

interface PanelSection {
  readonly View: FunctionComponent;
  /** What it stands beside. */
  readonly rooms: readonly Room[];
  /** Where there are two columns: what tells of the focused row, or what is about all rows. */
  readonly column: 'why' | 'rows';
}

const BOTH: readonly Room[] = ['picture', 'examples'];

const SECTIONS: readonly PanelSection[] = [
  { View: Details, rooms: ['picture'], column: 'why' },
  { View: ExampleDetails, rooms: ['examples'], column: 'why' },
  { View: RoiListSection, rooms: ['picture'], column: 'rows' },
  { View: DecisionSection, rooms: ['picture', 'examples', 'gallery'], column: 'why' },
  { View: Controls, rooms: BOTH, column: 'rows' },
  { View: CompareSection, rooms: BOTH, column: 'rows' },
  { View: MeasureSection, rooms: ['picture'], column: 'rows' },
  { View: AdviceSection, rooms: ['picture'], column: 'rows' },
  { View: Histogram, rooms: BOTH, column: 'rows' },
  { View: GtSection, rooms: ['picture'], column: 'why' },
  { View: FacetsSection, rooms: ['gallery'], column: 'rows' },
];

/** A column of the side bar; its width is kept by its name. */
export interface SideColumn {
  readonly name: 'side' | PanelSection['column'];
  readonly label: string;
  readonly views: readonly FunctionComponent[];
}

/** The columns beside a room. The gallery has too little to say for two. */
export function columnsOf(layout: Layout, room: Room): readonly SideColumn[] {
  const sections = SECTIONS.filter(({ rooms }) => rooms.includes(room));
  const viewsOf = (name?: PanelSection['column']) =>
    sections.filter(({ column }) => name === undefined || column === name).map(({ View }) => View);
  if (layout !== 'two' || room === 'gallery') return [{ name: 'side', label: t('the side bar'), views: viewsOf() }];
  return [
    { name: 'why', label: t('the details'), views: viewsOf('why') },
    { name: 'rows', label: t('the list and the controls'), views: viewsOf('rows') },
  ];
}
