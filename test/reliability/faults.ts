/**
 * What a person or a machine can do wrong, each as lines of bash in a copy of the fixture: `ohem` is the built command
 * line, $SAMPLE the bundled sample. Whatever happens, no file that was there may change or go, but those of `changes`.
 */
export interface Fault {
  readonly name: string;
  /** What is there before. */
  readonly before?: string;
  readonly script: string;
  readonly status: number;
  /** The last line on standard error; null: nothing needs to be said. */
  readonly says: RegExp | null;
  /** Files, or folders with a slash at the end, that the command is there to change. */
  readonly changes?: readonly string[];
}

const MINE = 'ohem mine --checkpoint "$SAMPLE/checkpoint" --data "$SAMPLE" --limit 4 --out out.ohem';
/** An old run, which is none of the sample's. */
const OLD_RUN = 'cp dump.ohem out.ohem';
const OLD_TRAINING = 'ohem train --config train-old.yaml';
const OTHER_WEIGHTS = 'cp -r "$SAMPLE/checkpoint" other; cd other/head';

const DESTROYED: readonly Fault[] = [
  {
    name: 'export onto the run that it reads, with --force too',
    script: 'ohem export dump.ohem --out dump.ohem --force',
    status: 2,
    says: /expected a file that is no input, received the input/,
  },
  {
    name: 'export onto a file that exists',
    before: 'echo mine > notes.txt',
    script: 'ohem export dump.ohem --out notes.txt',
    status: 2,
    says: /expected a new file, received one that exists/,
  },
  {
    name: "train into a folder with somebody's checkpoint",
    before: 'mkdir -p out/checkpoint out/checkpoint.old; echo mine | tee out/checkpoint/my.onnx out/checkpoint.old/a',
    script: 'ohem train --config train.yaml --force',
    status: 2,
    says: /received a checkpoint that no training has made/,
  },
  {
    name: 'import --force of a dump that is wrong at its end',
    before: `${OLD_RUN}; { cat dump.jsonl; echo '{"image":"x","label":[9]}'; } > wrong.jsonl`,
    script: 'ohem import wrong.jsonl --out out.ohem --force',
    status: 2,
    says: /^dump: line 12: /,
    changes: ['out.ohem.part'],
  },
  {
    name: 'mine --force on a disk without room',
    before: OLD_RUN,
    script: `ulimit -f 100; ${MINE} --force`,
    status: 2,
    says: /append: .*The \d images before are kept; make room and resume/,
    changes: ['out.ohem.part'],
  },
  {
    name: 'train --force that diverges',
    before: OLD_TRAINING,
    script: 'ohem train --config train-diverging.yaml --force',
    status: 2,
    says: /^mining: .* loss of step \d: expected a finite number/,
  },
  {
    name: 'import onto its dump',
    script: 'ohem import dump.jsonl --out dump.jsonl --force',
    status: 2,
    says: /expected a file that is no input/,
  },
  {
    name: 'mine onto its annotations',
    script: 'ohem mine --checkpoint "$SAMPLE/checkpoint" --data instances.json --out instances.json --force',
    status: 2,
    says: /expected a file that is no input/,
  },
  {
    name: "mine among the checkpoint's files",
    before: 'cp -r "$SAMPLE/checkpoint" net',
    script: 'ohem mine --checkpoint net --data "$SAMPLE" --out net/out.ohem',
    status: 2,
    says: /expected a file outside its inputs/,
  },
  {
    name: 'inspect onto the picture that it draws',
    before: 'cp "$SAMPLE/images/bench-33.jpg" photo.jpg',
    script: 'ohem inspect "$SAMPLE/checkpoint" --image photo.jpg --out photo.jpg --force',
    status: 2,
    says: /expected a file that is no input/,
  },
  {
    name: 'inspect onto a picture that exists',
    before: 'cp "$SAMPLE/images/bench-33.jpg" mine.png',
    script: 'ohem inspect "$SAMPLE/checkpoint" --data "$SAMPLE" --out mine.png',
    status: 2,
    says: /expected a new file, received one that exists/,
  },
  {
    name: 'a device as output',
    script: 'ohem import dump.jsonl --out /dev/full --force',
    status: 2,
    says: /expected a regular file, received a device/,
  },
  {
    name: 'resume behind a changed bit',
    before: 'cp damaged.ohem out.ohem',
    script: `${MINE} --resume`,
    status: 2,
    says: /resume: image 1: .*received a damaged one before the 2 after it/,
  },
  {
    name: 'resume behind a hole of 4 KiB',
    before: 'cp detection.ohem out.ohem; dd if=/dev/zero of=out.ohem bs=4096 seek=3 count=1 conv=notrunc status=none',
    script: `${MINE} --resume`,
    status: 2,
    says: /resume: image 0: .*received a damaged one before the 3 after it/,
  },
  {
    name: 'output removed while it is written',
    script: `${MINE} & until [ -s out.ohem ]; do sleep 0.02; done; rm out.ohem; wait $!`,
    status: 2,
    says: /expected the file that was written, received none: it was removed meanwhile/,
  },
  {
    name: 'two that mine into one output',
    script: `${MINE.replace('4', '12')} 2> first.txt & until [ -s out.ohem ]; do sleep 0.02; done
      ${MINE} --force; status=$?; wait $! && exit $status`,
    status: 75,
    says: /expected a file that nobody writes, received one that another process writes/,
    changes: ['out.ohem', 'first.txt'],
  },
];

const RESUMED: readonly Fault[] = [
  {
    name: 'resume with other weights',
    before: `cp detection.ohem out.ohem; ${OTHER_WEIGHTS}; printf 'ohem' | dd of=weights.bin conv=notrunc status=none`,
    script: `${MINE.replace('$SAMPLE/checkpoint', 'other')} --resume`,
    status: 2,
    says: /resume: checkpoint \(sha256\)/,
  },
  {
    name: 'resume with another folder of images',
    before: 'cp detection.ohem out.ohem; mkdir elsewhere; cp -r "$SAMPLE/images" elsewhere',
    script: `${MINE} --images elsewhere --resume`,
    status: 2,
    says: /resume: folder of the images/,
  },
  {
    name: 'resume with another map of the classes',
    before: `cp detection.ohem out.ohem; printf '{"coin": "key"}' > map.json`,
    script: `${MINE} --classes map.json --resume`,
    status: 2,
    says: /resume: map of the classes.coin/,
  },
  {
    name: 'resume with another backend',
    before: 'cp detection.ohem out.ohem',
    script: `${MINE} --backend tfjs-cpu --resume`,
    status: 2,
    says: /resume: backend/,
  },
  {
    name: "resume of another version's run",
    before: 'cp older.ohem out.ohem',
    script: `${MINE} --resume`,
    status: 2,
    says: /resume: version of the program/,
  },
];

const SILENT: readonly Fault[] = [
  {
    name: 'a model that gives only NaN',
    before: `${OTHER_WEIGHTS}; LC_ALL=C tr '\\000-\\377' '\\377' < weights.bin > nan; mv nan weights.bin`,
    script: MINE.replace('$SAMPLE/checkpoint', 'other'),
    status: 2,
    says: /expected at least one with a finite loss, received 4 without one/,
    changes: ['out.ohem'],
  },
  {
    name: 'a cut run that is exported',
    before: 'head -c 40000 dump.ohem > cut.ohem',
    script: 'ohem export cut.ohem > rows.csv',
    status: 2,
    says: /received \d, and no end/,
    changes: ['rows.csv'],
  },
  {
    name: 'a cut run that is shown',
    before: 'head -c 40000 dump.ohem > cut.ohem',
    script: `ohem show cut.ohem --format json | grep -q '"complete":false' && ohem show cut.ohem`,
    status: 2,
    says: /received \d, and no end/,
  },
];

const STREAMS: readonly Fault[] = [
  {
    name: 'a standard output without room',
    script: 'ohem export dump.ohem > /dev/full',
    status: 2,
    says: /^standard output: .*received ENOSPC/,
  },
  {
    name: 'a reader of standard output that leaves',
    script: '{ sleep 0.2; ohem export dump.ohem; } | sleep 0; exit ${PIPESTATUS[0]}',
    status: 2,
    says: /^standard output: .*received EPIPE/,
  },
  {
    name: 'a reader of standard error that leaves',
    script: `{ sleep 0.2; ${MINE}; } 2> >(sleep 0) && ohem check out.ohem`,
    status: 0,
    says: null,
    changes: ['out.ohem'],
  },
];

const LEFT_OVERS: readonly Fault[] = [
  {
    name: "somebody's file where a new run would grow",
    before: `${OLD_RUN}; echo mine > out.ohem.part`,
    script: `${MINE} --force`,
    status: 2,
    says: /expected an unfinished run, or no file, received another file/,
  },
  {
    name: 'a half of a file that a killed process has left',
    before: 'echo half > .ohem-999999-0123abcd.part',
    script: 'ohem export dump.ohem --out rows.csv',
    status: 0,
    says: null,
    changes: ['rows.csv'],
  },
  {
    name: 'the lock of a training that ended, and its number is a living process again',
    before: `mkdir -p out/running.lock; touch -d '2 minutes ago' out/running.lock; echo '{"pid":1}' > out/running.json`,
    script: 'ohem train --config train.yaml',
    status: 0,
    says: null,
    changes: ['out/'],
  },
];

/** Inputs, each in place of the word INPUT. */
const READS = [
  'ohem show INPUT',
  'ohem check INPUT',
  'ohem export INPUT',
  'ohem compare INPUT',
  'ohem dynamics dump.ohem INPUT',
  'ohem salvage INPUT --out out.ohem',
  'ohem import INPUT.jsonl --out out.ohem',
  'ohem import INPUT.npz --out out.ohem',
  'ohem sample INPUT.jsonl',
  'ohem train --config INPUT.yaml',
  'ohem mine --checkpoint "$SAMPLE/checkpoint" --data INPUT.json --out out.ohem',
  'ohem mine --checkpoint INPUT.onnx --data "$SAMPLE" --out out.ohem',
  'ohem mine --checkpoint INPUT.ohem.json --data "$SAMPLE" --out out.ohem',
];
const SPECIAL = { 'a pipe': 'mkfifo', 'a device without an end': 'ln -s /dev/zero' };

const ENDLESS: readonly Fault[] = Object.entries(SPECIAL).flatMap(([what, make]) =>
  READS.map((read) => {
    const [input = ''] = /INPUT[.\w]*/.exec(read) ?? [];
    return {
      name: `${what}: ${read}`,
      before: `${make} ${input}`,
      script: read,
      status: 2,
      says: /expected .*, received /,
    };
  }),
);

export const FAULTS = [...DESTROYED, ...RESUMED, ...SILENT, ...STREAMS, ...LEFT_OVERS, ...ENDLESS];
