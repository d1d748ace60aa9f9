/** The sections of the side bar, from top to bottom. A choice of one section is defined in it: see `choice`. */
import type { FunctionComponent } from 'preact';
import type { Task } from '../src/core/tables.js';
import { CompareSection } from './compare/compare-section.js';
import { Controls } from './controls/controls.js';
import { Histogram } from './controls/histogram.js';
import { Details } from './details/details.js';
import { GtSection } from './details/gt-section.js';
import { MeasureSection } from './measure/measure-section.js';
import { ExampleDetails } from './examples/example-details.js';
import { RoiListSection } from './table/roi-list.js';

export interface PanelSection {
  readonly View: FunctionComponent;
  /** Of the runs that it says something about; left out: of any. */
  readonly task?: Task;
}

export const SECTIONS: readonly PanelSection[] = [
  { View: Controls },
  { View: CompareSection },
  { View: MeasureSection, task: 'detection' },
  { View: Histogram },
  { View: ExampleDetails, task: 'classification' },
  { View: RoiListSection, task: 'detection' },
  { View: Details, task: 'detection' },
  { View: GtSection, task: 'detection' },
];
