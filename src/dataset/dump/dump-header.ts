import { said, type Phrase } from '../../core/said.js';
import { MAX_CLASSES } from '../../core/tables.js';
import type { DumpHeader } from './dump.js';
import type { DumpFields } from './dump-fields.js';

interface HeaderLine {
  readonly fields: DumpFields;
}

/** Reads the first line of a dump. @throws MiningError 'dump' that names the field. */
export function readHeader({ fields }: HeaderLine): DumpHeader {
  if (fields.raw('ohem_dump') !== 1) throw fields.error('ohem_dump', '1', fields.raw('ohem_dump'));
  const task = fields.raw('task');
  if (task !== 'detection' && task !== 'classification')
    throw fields.error('task', 'detection or classification', task);
  const classes = fields.list('classes').map((name, i) => {
    if (typeof name !== 'string') throw fields.error(`classes[${i}]`, 'a text', name);
    return name;
  });
  const activation = fields.raw('activation') ?? null;
  if (activation !== null && activation !== 'softmax' && activation !== 'sigmoid') {
    throw fields.error('activation', 'softmax or sigmoid', activation);
  }
  return checkHeader(
    { task, classes, background: readBackground(fields, task, classes.length), activation },
    (field, expected, received) => fields.error(field, expected, received),
  );
}

/** What both forms of a dump promise. @throws what `fail` gives. */
export function checkHeader(
  header: DumpHeader,
  fail: (field: string, expected: Phrase, received: unknown) => Error,
): DumpHeader {
  const { classes, background } = header;
  if (classes.length === 0 || classes.length > MAX_CLASSES)
    throw fail('classes', said`1 to ${MAX_CLASSES} names`, classes.length);
  if (background !== null && background !== 0 && background !== classes.length) {
    throw fail('background', said`0, ${classes.length} (the number of classes) or null`, background);
  }
  // torchvision's lists of categories have it: every name would be of the class before.
  const named = classes.findIndex((name) => /^_*background_*$/i.test(name));
  if (background !== null && named !== -1)
    throw fail(`classes[${named}]`, said`foreground classes alone, without the background`, classes[named]);
  return header;
}

/** In detection its absence could mean either; a classifier seldom has one. */
function readBackground(fields: DumpFields, task: string, numClasses: number): number | null {
  const value = fields.raw('background');
  if (value === null || (value === undefined && task === 'classification')) return null;
  if (typeof value === 'number') return value;
  throw fields.error('background', said`0, ${numClasses} (the number of classes) or null`, value);
}
