// One TypeScript project a realm: core compiles without Node and DOM, the webview without Node, the host with `vscode`.
// A file is checked once, in the first realm that has it: what a realm imports was checked where it is at home.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const REALMS = ['src/core', '.', 'src/host', 'webview', 'test'];

/**
 * An index may be out of range, and `noUncheckedIndexedAccess` has the code say what happens then. Not so in these
 * rooms and files, which read rows of columns: the length of a table bounds the row, and each element would need a
 * default that never comes to be, on the hot path of most. Tests index what they have just made.
 */
const KERNELS = [
  'src/arrow',
  'src/checkpoint/classifier',
  'src/checkpoint/families',
  'src/checkpoint/pixels',
  'src/cli/dynamics-command.ts',
  'src/cli/triage/errors-command.ts',
  'src/cli/print/sample-table.ts',
  'src/core',
  'src/dataset/coco/json-elements.ts',
  'src/dataset/dump',
  'src/dataset/pixels/decode-bmp.ts',
  'src/dataset/predictions/detection-rows.ts',
  'src/dataset/rows/gt-rows.ts',
  'src/dataset/rows/outlines.ts',
  'src/run/dump/import-image.ts',
  'src/run/dump/sample-dump.ts',
  'src/run/file/minibatch.ts',
  'src/run/gallery',
  'src/run/mine/mine-classification.ts',
  'src/run/query/checkpoint-shelf.ts',
  'src/run/query/checkpoint-table.ts',
  'src/run/query/compare-before.ts',
  'src/run/query/compare-runs.ts',
  'src/run/query/label-suspects.ts',
  'src/run/query/object-losses.ts',
  'src/run/query/observed-runs.ts',
  'src/run/query/roi-decision.ts',
  'src/run/query/selected-rois.ts',
  'src/run/train/chosen-batch.ts',
  'src/run/train/image-gains.ts',
  'src/run/train/images-line.ts',
  'src/run/train/train-images.ts',
  'src/train',
  'test',
  'webview/canvas',
  'webview/controls/loss-bins.ts',
  'webview/details/gt-section.tsx',
  'webview/details/roi-facts.tsx',
  'webview/examples/example-details.tsx',
  'webview/examples/thumbnail.tsx',
  'webview/geometry',
  'webview/rows',
  'webview/table/roi-list.tsx',
  'webview/table/row-mark.tsx',
  'webview/train/box-picture.tsx',
  'webview/train/chosen-view.tsx',
  'webview/train/fates-view.tsx',
  'webview/train/gains-view.tsx',
];

const root = fileURLToPath(new URL('..', import.meta.url));
const kernels = KERNELS.map((room) => resolve(root, room));
const host = ts.createCompilerHost({});
const sources = new Map();
/** Parsed once for all realms. */
const sharing = {
  ...host,
  getSourceFile(file, options) {
    if (!sources.has(file)) sources.set(file, host.getSourceFile(file, options));
    return sources.get(file);
  },
};

const seen = new Set();
const found = REALMS.flatMap((realm) => {
  const config = ts.getParsedCommandLineOfConfigFile(join(root, realm, 'tsconfig.json'), {}, ts.sys);
  const files = config.fileNames.filter((file) => !seen.has(file));
  files.forEach((file) => seen.add(file));
  const isKernel = (file) => kernels.some((room) => file === room || file.startsWith(`${room}/`));
  const rooms = [files.filter(isKernel), files.filter((file) => !isKernel(file))];
  return rooms.flatMap((own, noUncheckedIndexedAccess) => {
    if (own.length === 0) return [];
    const options = { ...config.options, noUncheckedIndexedAccess: noUncheckedIndexedAccess === 1 };
    const program = ts.createProgram(config.fileNames, options, sharing);
    return [...config.errors, ...own.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))];
  });
});

const shown = ts.sortAndDeduplicateDiagnostics(found);
process.stdout.write(ts.formatDiagnosticsWithColorAndContext(shown, host));
process.exitCode = shown.length === 0 ? 0 : 1;
