import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { sampleDump } from '../../../src/run/dump/sample-dump.js';

interface Writer {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly triedWith: string;
}

const folder = path.join(import.meta.dirname, '../../../media/dump-writers');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const writers = JSON.parse(read('index.json')) as readonly Writer[];
const page = readFileSync(path.join(import.meta.dirname, '../../../docs/roi-dump.md'), 'utf8');

/** What it prints. @throws where there is no python3, or it fails. Leaves no compiled files behind. */
function runPython(args: readonly string[], input = ''): string {
  return execFileSync('python3', ['-B', ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

function hasPython(): boolean {
  try {
    runPython(['-c', 'import sys; assert sys.version_info >= (3, 8)']);
    return true;
  } catch {
    return false;
  }
}
const noPython = hasPython() ? false : 'python3 (3.8 or later) is not on the path';

it('index, folder and page list the same writers', () => {
  const files = writers.map(({ file }) => file).sort();
  expect(
    readdirSync(folder)
      .filter((file) => file.endsWith('.py'))
      .sort(),
  ).toEqual(files);
  expect([...page.matchAll(/^### .*`(dump_\w+\.py)`$/gm)].map(([, file]) => file).sort()).toEqual(files);
  expect(new Set(writers.map(({ id }) => id)).size).toBe(writers.length);
});

describe.each(writers)('$file', ({ title, file, triedWith }) => {
  const code = read(file);

  it('has at most 25 lines', () => {
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  });

  it('says first what it is, where to call it and its licence', () => {
    const comment = code
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join(' ');
    expect(code.startsWith('# RoI dump writer of OHEM Lens for ')).toBe(true);
    expect(comment).toContain('"losses.jsonl"');
    expect(comment).toContain('MIT licence');
  });

  it('stands on the page word for word, with what it was tried with', () => {
    expect(page).toContain(`### ${title}: \`${file}\`\n`);
    expect(page).toContain(`Tried: ${triedWith}`);
    expect(page).toContain(`\`\`\`python\n${code}\`\`\`\n`);
  });

  it.skipIf(noPython)(`parses as Python 3.8${noPython === false ? '' : ` (${noPython})`}`, () => {
    expect(runPython(['-c', 'import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 8))'], code)).toBe('');
  });
});

describe.skipIf(noPython)(
  `the plain writer, which needs no package${noPython === false ? '' : ` (${noPython})`}`,
  () => {
    let scratch = '';
    beforeAll(() => {
      scratch = mkdtempSync(path.join(tmpdir(), 'dump-writer-'));
    });
    afterAll(() => {
      rmSync(scratch, { recursive: true });
    });

    /** Runs `body` with `dump` open, and mines what it wrote. */
    async function sampleWritten(open: string, body: string) {
      const file = path.join(scratch, 'losses.jsonl');
      runPython([
        '-c',
        'import sys\nsys.path.insert(0, sys.argv[1])\nfrom dump_pytorch import open_dump\nnan, inf = ' +
          `float("nan"), float("inf")\ndump = open_dump(sys.argv[2], ${open})\n${body}`,
        folder,
        file,
      ]);
      const { text: json } = await sampleDump(file, resolveConfig('all', { imagesPerBatch: 1 }));
      return (
        JSON.parse(json.join('')) as {
          batches: {
            images: string[];
            cls_loss: number;
            counts: Record<string, number>;
            rois: { loss_cls: number | null }[];
          }[];
        }
      ).batches;
    }
    const boxes = '[[0, 0, 9, 9], [5, 5, 20, 20], [1, 1, 4, 4]]';

    it.each([
      ['["cat", "dog"]', '[0, 2, -1]', [0, 2]],
      ['["cat", "dog"], background=2', '[2, 1, -1]', [2, 1]],
      ['["cat", "dog", "eel"], background=None', '[0, 2, -1]', [0, 2]],
    ])('carries the labels and the background of %s', async (open, labels, columns) => {
      const logits = [
        [2, 0, 1],
        [0, 1, 3],
        [0, 0, 0],
      ];
      const [batch] = await sampleWritten(
        open,
        `dump("a.jpg", ${boxes}, ${labels}, ${JSON.stringify(logits)}, width=30, height=20)`,
      );
      const expected = columns.map(
        (column, row) => Math.log(logits[row].reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[row][column],
      );
      expect(batch.rois.slice(0, 2).map(({ loss_cls }) => loss_cls)).toEqual(
        expected.map((loss) => expect.closeTo(loss, 12) as number),
      );
      expect(batch.counts).toMatchObject({ selected: 2, ignored: 1 });
    });

    it('writes NaN and Infinity so that JSON can be read, also beside an image of that name', async () => {
      const [batch, empty] = await sampleWritten(
        '["cat"]',
        `dump('NaN "Infinity".jpg', ${boxes}, [1, 0, 1], None, loss_cls=[nan, inf, 0.5], loss_loc=[0, -inf, ` +
          '0.25])\ndump("b.jpg", [], [], [])',
      );
      expect(batch.images).toEqual(['NaN "Infinity".jpg']);
      expect(batch.counts).toMatchObject({ selected: 1, invalid: 2 });
      expect(batch.cls_loss).toBe(0.5);
      expect(empty.rois).toEqual([]);
    });
  },
);
