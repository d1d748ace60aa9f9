/** The sections of the side bar, from top to bottom. A choice of one section is defined in it: see `choice`. */
import type { FunctionComponent } from 'preact';
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

export interface PanelSection {
  readonly View: FunctionComponent;
  /** What it stands beside. */
  readonly rooms: readonly Room[];
}

const BOTH: readonly Room[] = ['picture', 'examples'];

export const SECTIONS: readonly PanelSection[] = [
  { View: Controls, rooms: BOTH },
  { View: CompareSection, rooms: BOTH },
  { View: MeasureSection, rooms: ['picture'] },
  { View: Histogram, rooms: BOTH },
  { View: ExampleDetails, rooms: ['examples'] },
  { View: RoiListSection, rooms: ['picture'] },
  { View: Details, rooms: ['picture'] },
  { View: GtSection, rooms: ['picture'] },
  { View: DecisionSection, rooms: ['picture', 'examples', 'gallery'] },
  { View: FacetsSection, rooms: ['gallery'] },
];
