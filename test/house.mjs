// What the import rules cannot say: no circle of folders, no crowded folder, no long line. Part of `npm run lint`.
import { cruise } from 'dependency-cruiser';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import config from '../.dependency-cruiser.mjs';

const MAX_FILES = 20;
const MAX_COLUMNS = 120;
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Imports as [from, to], both below src or webview. */
async function imports() {
  const { output } = await cruise(['src', 'webview'], { ...config.options, ruleSet: { forbidden: [] } });
  const isOurs = (path) => /^(src|webview)\//.test(path);
  return output.modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }) => [source, resolved]).filter(([from, to]) => isOurs(from) && isOurs(to)),
  );
}

/** For each folder, the imports between its entries: a file of its own, or a folder with all that is below. */
function entryGraphs(edges) {
  const graphs = new Map();
  for (const [from, to] of edges) {
    const [a, b] = [from.split('/'), to.split('/')];
    const at = a.findIndex((name, i) => name !== b[i]);
    const folder = a.slice(0, at).join('/');
    const graph = graphs.get(folder) ?? graphs.set(folder, new Map()).get(folder);
    (graph.get(a[at]) ?? graph.set(a[at], new Set()).get(a[at])).add(b[at]);
  }
  return graphs;
}

/** The first circle, as the entries that it leads through; null: none. */
function circleOf(graph) {
  const done = new Set();
  const visit = (entry, path) => {
    if (path.includes(entry)) return [...path.slice(path.indexOf(entry)), entry];
    if (done.has(entry)) return null;
    for (const next of graph.get(entry) ?? []) {
      const circle = visit(next, [...path, entry]);
      if (circle !== null) return circle;
    }
    done.add(entry);
    return null;
  };
  for (const entry of graph.keys()) {
    const circle = visit(entry, []);
    if (circle !== null) return circle;
  }
  return null;
}

function circles(edges) {
  return [...entryGraphs(edges)].flatMap(([folder, graph]) => {
    const circle = circleOf(graph);
    return circle === null ? [] : [`${folder || '.'}: a circle: ${circle.join(' -> ')}`];
  });
}

function crowded(files) {
  const counts = new Map();
  for (const file of files) counts.set(folderOf(file), (counts.get(folderOf(file)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > MAX_FILES)
    .map(([folder, count]) => `${folder}: ${count} files, at most ${MAX_FILES}`);
}

function folderOf(file) {
  return file.slice(0, file.lastIndexOf('/'));
}

function longLines(files) {
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        line.length > MAX_COLUMNS ? [`${file}:${i + 1}: ${line.length} columns, at most ${MAX_COLUMNS}`] : [],
      ),
  );
}

const tracked = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mts', '*.mjs', '*.js', '*.css'],
  { encoding: 'utf8' },
);
const files = tracked.split('\0').filter((file) => file !== '' && !file.startsWith('media/'));
const faults = [
  ...circles(await imports()),
  ...crowded(files.filter((file) => /^(src|webview)\/.*\.tsx?$/.test(file))),
  ...longLines(files),
];
for (const fault of faults) console.error(fault);
console.log(`the house: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
