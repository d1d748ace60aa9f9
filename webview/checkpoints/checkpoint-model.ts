/** What the comparison of checkpoints knows. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import * as v from 'valibot';
import {
  checkpointQuery,
  type CheckpointAnswer,
  type CheckpointQuery,
  type CheckpointRow,
  type PageSide,
  type RunNews,
} from '../../src/protocol/checkpoint-messages.js';
import type { GalleryProgress } from '../../src/protocol/gallery-messages.js';
import type { Rect, Size, Viewport } from '../geometry/viewport.js';
import { fitViewport, zoomToBox } from '../geometry/viewport.js';

/** Rows of one message. */
export const PAGE = 100;

export const FIRST_QUERY: CheckpointQuery = {
  a: null,
  b: null,
  highLoss: null,
  changes: [],
  label: null,
  area: null,
  sort: 'moved',
};

/** Which example: an image, or an object of it. */
export type Chosen = Pick<CheckpointRow, 'image' | 'gt'>;

/** What can go wrong; what says most comes first. */
const ASKED = ['read', 'query', 'page', 'example', 'picture', 'notice'] as const;
export type Asked = (typeof ASKED)[number];

export interface CheckpointModel {
  /** null: the host has not said yet. */
  readonly runs: Signal<{ readonly paths: readonly string[]; readonly names: readonly string[] } | null>;
  readonly query: Signal<CheckpointQuery>;
  /** To the present query, or while that is waited for to the last one; null before the first. */
  readonly answer: Signal<CheckpointAnswer | null>;
  /** Pages of rows that have come, by their number. */
  readonly pages: Signal<ReadonlyMap<number, readonly CheckpointRow[]>>;
  /** Pages in sight. */
  readonly wanted: Signal<{ readonly first: number; readonly last: number }>;
  /** Counts occasions to ask again. */
  readonly stale: Signal<number>;
  /** The runs are being read. */
  readonly reading: Signal<{ readonly stop: () => void } | null>;
  readonly progress: Signal<GalleryProgress | null>;
  readonly news: Signal<readonly RunNews[]>;
  /** Why the last of each went wrong; absent: it went well. */
  readonly faults: Signal<Readonly<Partial<Record<Asked, string>>>>;
  /** The first of them; '' none. */
  readonly error: ReadonlySignal<string>;
  /** Place in the list with the focus. */
  readonly at: Signal<number>;
  readonly chosen: Signal<Chosen | null>;
  /** The chosen example as A and B see it; null before it has come. */
  readonly sides: Signal<readonly [PageSide, PageSide] | null>;
  readonly picturesStale: Signal<number>;
  readonly stageSize: Signal<Size>;
  /** Where the person has zoomed to; null: around the object. */
  readonly zoomed: Signal<Viewport | null>;
  /** Size of the picture, px; no area where it is unknown. */
  readonly imageSize: ReadonlySignal<Size>;
  /** Both pictures share it. */
  readonly viewport: ReadonlySignal<Viewport>;
  /** One line for those who do not see what has changed. */
  readonly spoken: Signal<string>;
}

/** Says why it went wrong; null: it went well, and what went wrong before is no longer so. */
export function setFault({ faults }: CheckpointModel, what: Asked, text: string | null): void {
  const { [what]: before, ...others } = faults.peek();
  if (before !== (text ?? undefined)) faults.value = text === null ? others : { ...others, [what]: text };
}

export function createCheckpointModel(saved: unknown): CheckpointModel {
  const { query } = readSaved(saved);
  const sides = signal<CheckpointModel['sides']['value']>(null);
  const faults = signal<CheckpointModel['faults']['value']>({});
  const stageSize = signal<Size>({ width: 0, height: 0 });
  const zoomed = signal<Viewport | null>(null);
  const imageSize = computed(() => ({ width: sides.value?.[0].width ?? 0, height: sides.value?.[0].height ?? 0 }));
  return {
    runs: signal(null),
    query: signal(query),
    answer: signal(null),
    pages: signal(new Map()),
    wanted: signal({ first: 0, last: 0 }),
    stale: signal(0),
    reading: signal(null),
    progress: signal(null),
    news: signal([]),
    faults,
    error: computed(() => ASKED.map((what) => faults.value[what]).find((text) => text !== undefined) ?? ''),
    at: signal(0),
    chosen: signal(null),
    sides,
    picturesStale: signal(0),
    stageSize,
    zoomed,
    imageSize,
    viewport: computed(() => {
      if (zoomed.value !== null) return zoomed.value;
      const around = sides.value === null ? null : objectOf(sides.value);
      return around === null
        ? fitViewport(imageSize.value, stageSize.value)
        : zoomToBox(around, imageSize.value, stageSize.value);
    }),
    spoken: signal(''),
  };
}

/** What all boxes of an example lie in; null: it has none. */
export function objectOf(sides: readonly PageSide[]): Rect | null {
  const boxes = sides.flatMap(({ gtBox, roi }) => [gtBox, roi?.box ?? null]).filter((box) => box !== null);
  if (boxes.length === 0) return null;
  return {
    x1: Math.min(...boxes.map((box) => box[0])),
    y1: Math.min(...boxes.map((box) => box[1])),
    x2: Math.max(...boxes.map((box) => box[2])),
    y2: Math.max(...boxes.map((box) => box[3])),
  };
}

/** What survives a tab switch and a reload; the host brings the page back by `paths`. */
const SAVED = v.object({ query: v.fallback(checkpointQuery, FIRST_QUERY) });

function readSaved(saved: unknown): v.InferOutput<typeof SAVED> {
  const read = v.safeParse(SAVED, saved);
  return read.success ? read.output : { query: FIRST_QUERY };
}

/** The present state; null before the host has said which runs. Reads signals: an effect around it follows changes. */
export function stateOf({ runs, query }: CheckpointModel): object | null {
  return runs.value === null ? null : { paths: runs.value.paths, query: query.value };
}

/** The row at a place of the list; undefined while it has not come. */
export function rowAt({ pages }: CheckpointModel, place: number): CheckpointRow | undefined {
  return pages.value.get(Math.floor(place / PAGE))?.[place % PAGE];
}
