/** Checkpoints compared: what is asked and answered, by the page of the host, by the host of the engine process. */
import * as v from 'valibot';
import { CHANGE_IDS, type Change } from '../core/reports/checkpoint-changes.js';
import { name, whole, type Schemas } from './check.js';
import { MAX_PAGE, type GalleryProgress } from './gallery-messages.js';

/** `moved`: by how far the loss has moved between A and B; `aum`: lowest area under the margin first. */
export const CHECKPOINT_SORTS = ['moved', 'loss-b', 'loss-a', 'aum', 'forgotten'] as const;
export type CheckpointSort = (typeof CHECKPOINT_SORTS)[number];

/** Steps of each axis of the scatter, logarithmic; one more stands for "no RoI met it". */
export const SCATTER_BINS = 48;

const step = whole(0, SCATTER_BINS);
const range = v.object({ first: step, last: step });
const look = whole(0, 2 ** 16);

export const checkpointQuery = v.object({
  /** Places among the runs, or passes of the one run; null: the first, the last. */
  a: v.nullable(look),
  b: v.nullable(look),
  /** A loss above it is high, nats; null: what nine tenths of what A knows do not exceed. */
  highLoss: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Only these; none: all. */
  changes: v.array(v.picklist(CHANGE_IDS)),
  /** Only this class, [0, K); null: all. */
  label: v.nullable(whole(0, 2 ** 15)),
  /** Only this part of the scatter, in its steps; null: all. */
  area: v.nullable(v.object({ a: range, b: range })),
  sort: v.picklist(CHECKPOINT_SORTS),
});
export type CheckpointQuery = Readonly<v.InferOutput<typeof checkpointQuery>>;

export const checkpointPage = v.object({ query: checkpointQuery, first: whole(0, 2 ** 31), most: whole(1, MAX_PAGE) });
export type CheckpointPage = Readonly<v.InferOutput<typeof checkpointPage>>;

/** Which example, and between which looks. */
export const exampleKey = v.object({ image: name, gt: v.nullable(whole(0, 2 ** 31)), a: look, b: look });
export type ExampleKey = Readonly<v.InferOutput<typeof exampleKey>>;

/** A run that is compared. */
export interface ComparedRun {
  readonly path: string;
  /** Path of the checkpoint, or of the dump. */
  readonly source: string;
  readonly numImages: number;
  readonly complete: boolean;
}

/** Examples by code of `CHANGE_IDS`. */
export type CountsByChange = readonly number[];

export interface CheckpointAnswer {
  readonly runs: readonly ComparedRun[];
  /** Runs, or passes of the one run. */
  readonly numLooks: number;
  readonly isDetection: boolean;
  /** K names. */
  readonly classes: readonly string[];
  /** What was compared: the query's, or what it left open. */
  readonly a: number;
  readonly b: number;
  readonly highLoss: number;
  readonly numExamples: number;
  readonly numShown: number;
  /** Classes that have examples, of what passes the area. */
  readonly byClass: readonly { readonly label: number; readonly counts: CountsByChange }[];
  readonly scatter: Scatter;
  /** What a person should know of the figures. */
  readonly notes: readonly string[];
  /** Images that are read, of all runs. */
  readonly read: GalleryProgress;
}

/** Examples by their losses, of what passes all filters but the area. */
export interface Scatter {
  /** The largest loss, nats: the end of step SCATTER_BINS − 1. Step SCATTER_BINS: no RoI met the example. */
  readonly most: number;
  readonly cells: readonly (readonly [a: number, b: number, change: number, count: number])[];
}

/** Numbers that nobody knows are null. */
export interface CheckpointRow {
  readonly image: string;
  /** Which of the image's objects; null in classification. */
  readonly gt: number | null;
  readonly label: string;
  readonly change: Change;
  /** One a look, nats. */
  readonly losses: readonly (number | null)[];
  readonly aum: number | null;
  readonly forgotten: number;
  /** Look that knew it first; null never. */
  readonly firstLearned: number | null;
}

/** An example as one look sees it. */
export interface ExampleSide {
  readonly look: number;
  /** Its run among `CheckpointAnswer.runs`, and the place of the image in it. */
  readonly run: number;
  readonly imageIndex: number;
  /** Pixels, absolute, and the folder of the run's images; '' unknown. */
  readonly path: string;
  readonly imageRoot: string;
  /** Upright size, px; 0 unknown. */
  readonly width: number;
  readonly height: number;
  /** Image px; null in classification. */
  readonly gtBox: Box | null;
  /** The RoI that judges it; null: none met it. */
  readonly roi: ExampleRoi | null;
}
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export interface ExampleRoi {
  readonly row: number;
  /** Regressed box, image px; null in classification. */
  readonly box: Box | null;
  /** The label is what is believed most. */
  readonly known: boolean;
  /** Highest class scores, `background` among them. */
  readonly scores: readonly (readonly [name: string, score: number])[];
  readonly loss: number | null;
  readonly lossCls: number | null;
  readonly lossLoc: number | null;
  readonly iou: number | null;
  readonly margin: number | null;
}

/** A side as the page shows it. */
export interface PageSide extends ExampleSide {
  /** Loadable by the webview; null where the pixels cannot be shown, and why. */
  readonly uri: string | null;
  readonly note: string;
}

/** What has become of a run's file since it was read. */
export interface RunNews {
  readonly path: string;
  readonly state: 'changed' | 'gone';
}

/** What the host tells the page. */
export interface CheckpointView {
  /** Paths of the runs, in the order of training: what brings the page back after a reload. */
  runs(params: { readonly paths: readonly string[]; readonly names: readonly string[] }): void;
  progress(params: GalleryProgress): void;
  news(params: { readonly news: readonly RunNews[] }): void;
  /** Folders of pictures have been allowed: what could not be shown may be now. */
  picturesChanged(params: object): void;
  notice(params: { readonly text: string }): void;
}

/** What the page asks of the host or tells it. */
export interface CheckpointHost {
  /** The webview can receive. */
  ready(params: object): void;
  /** Reads the runs; `again`: as they are now. Ends when they are read. Its signal stops it: what was read stays. */
  read(params: { readonly again: boolean }): void;
  /** About what has been read. */
  query(params: { readonly query: CheckpointQuery }): CheckpointAnswer;
  page(params: { readonly page: CheckpointPage }): readonly CheckpointRow[];
  example(params: { readonly key: ExampleKey }): { readonly sides: readonly [PageSide, PageSide] };
  /** Shows the image of a run in its panel. */
  openImage(params: { readonly path: string; readonly imageIndex: number }): void;
}

/** What the host takes from the page. */
export const CHECKPOINT_REQUESTS: Schemas<CheckpointHost> = {
  ready: v.object({}),
  read: v.object({ again: v.boolean() }),
  query: v.object({ query: checkpointQuery }),
  page: v.object({ page: checkpointPage }),
  example: v.object({ key: exampleKey }),
  openImage: v.object({ path: name, imageIndex: whole(0, 2 ** 31) }),
};
