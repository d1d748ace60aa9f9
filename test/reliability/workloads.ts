/** The commands that write, and what a person calls after a kill. */
import { CHECKPOINT, SAMPLE } from './fixture.js';

type Args = readonly string[];

/** What a kill has left. */
export interface Left {
  /** Is there a file of that name? */
  has(file: string): boolean;
  /** Nothing has taken the place of the old output. */
  readonly isOld: boolean;
}

export interface Workload {
  readonly name: string;
  readonly kind: 'run' | 'file' | 'training' | 'decisions';
  /** File or folder that it writes. */
  readonly out: string;
  /** Makes the output that `args` is to replace. */
  readonly before?: Args;
  /** That output is gone on with, not replaced. */
  readonly resumes?: true;
  readonly args: Args;
  readonly again: (left: Left) => Args;
  /** Makes what may stand there before the end and is whole. */
  readonly early?: Args;
}

const mine = (limit: number): Args => [
  ...['mine', '--checkpoint', CHECKPOINT, '--data', SAMPLE],
  ...['--limit', String(limit), '--out', 'out.ohem'],
];
const MINE = mine(3);
const IMPORT = ['import', 'dump.jsonl', '--out', 'out.ohem'];
const EXPORT = ['export', 'detection.ohem', '--out', 'out.csv'];
const SALVAGE = ['salvage', 'damaged.ohem', '--out', 'out.ohem'];
const TRAIN = ['train', '--config', 'train.yaml'];
const decide = (image: string, verdict: string): Args => [
  ...['decide', 'detection.ohem', '--image', image, '--object', '0', '--verdict', verdict],
  ...['--note', `a note 猫 ${'x'.repeat(1000)}`, '--author', 'Ada'],
];
const EARLY = ['train', '--config', 'train-1.yaml'];

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'mine',
    kind: 'run',
    out: 'out.ohem',
    args: MINE,
    again: ({ has }) => (has('out.ohem') ? [...MINE, '--resume'] : MINE),
  },
  {
    name: 'mine --force',
    kind: 'run',
    out: 'out.ohem',
    before: [...MINE, '--preset', 'random'],
    args: [...MINE, '--force'],
    again: ({ has }) => [...MINE, has('out.ohem.part') ? '--resume' : '--force'],
  },
  {
    name: 'mine --resume',
    kind: 'run',
    out: 'out.ohem',
    before: mine(1),
    resumes: true,
    args: [...MINE, '--resume'],
    again: () => [...MINE, '--resume'],
  },
  {
    name: 'import',
    kind: 'run',
    out: 'out.ohem',
    args: IMPORT,
    again: ({ has }) => (has('out.ohem') ? [...IMPORT, '--resume'] : IMPORT),
  },
  {
    name: 'import --force',
    kind: 'run',
    out: 'out.ohem',
    before: [...IMPORT, '--preset', 'random'],
    args: [...IMPORT, '--force'],
    again: () => [...IMPORT, '--force'],
  },
  {
    name: 'export --force',
    kind: 'file',
    out: 'out.csv',
    before: [...EXPORT, '--format', 'json'],
    args: [...EXPORT, '--force'],
    again: () => [...EXPORT, '--force'],
  },
  {
    name: 'salvage',
    kind: 'run',
    out: 'out.ohem',
    args: SALVAGE,
    again: ({ has }) => (has('out.ohem') ? [...SALVAGE, '--force'] : SALVAGE),
  },
  {
    name: 'salvage --force',
    kind: 'run',
    out: 'out.ohem',
    before: IMPORT,
    args: [...SALVAGE, '--force'],
    again: () => [...SALVAGE, '--force'],
  },
  {
    name: 'train',
    kind: 'training',
    out: 'out',
    args: TRAIN,
    early: EARLY,
    again: ({ has }) => (has('out/state.bin') || has('out/.ohem-ready/state.bin') ? [...TRAIN, '--resume'] : TRAIN),
  },
  {
    name: 'train --force',
    kind: 'training',
    out: 'out',
    before: ['train', '--config', 'train-old.yaml'],
    args: [...TRAIN, '--force'],
    early: EARLY,
    again: ({ isOld }) => [...TRAIN, isOld ? '--force' : '--resume'],
  },
  {
    name: 'decide, the first',
    kind: 'decisions',
    out: 'detection.decisions',
    early: ['decisions', 'detection.ohem'],
    args: decide('images/bench-01.jpg', 'hard'),
    again: () => decide('images/bench-01.jpg', 'hard'),
  },
  {
    name: 'decide, one more',
    kind: 'decisions',
    out: 'detection.decisions',
    before: decide('images/bench-01.jpg', 'hard'),
    args: decide('images/bench-02.jpg', 'label-box'),
    again: () => decide('images/bench-02.jpg', 'label-box'),
  },
  {
    name: 'decide, another verdict',
    kind: 'decisions',
    out: 'detection.decisions',
    before: decide('images/bench-01.jpg', 'hard'),
    args: decide('images/bench-01.jpg', 'ignore'),
    again: () => decide('images/bench-01.jpg', 'ignore'),
  },
];
