// The panel in a plain browser: node test/webview/serve.mjs run.ohem|NUMBER [PORT]
// NUMBER: six images with so many made-up RoIs each.
// The page has the policy of the real one; `host.js` stands in for the extension host.
import * as esbuild from 'esbuild';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BUNDLES } from '../../esbuild.mjs';
import { isMain } from '../is-main.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
};

/**
 * Serves a run file, or `{ numImages, numRois }` made-up ones (`longNames`: of 80 characters; without `numRois`: of
 * classification, `numClasses` too);
 * `close` stops the server and removes what was built.
 */
export async function serveRun(source, port = 0) {
  process.chdir(root);
  const built = await mkdtemp(join(tmpdir(), 'ohem-lens-panel-'));
  await esbuild.build({ ...BUNDLES.webview, outdir: built, minify: true, logLevel: 'warning' });
  const hosts = ['host', 'wizard-host', 'checkpoints-host', 'training-host'].map((name) => `test/webview/${name}.js`);
  const standIn = { entryPoints: hosts, outdir: built };
  await esbuild.build({ ...standIn, bundle: true, format: 'esm', logLevel: 'warning' });
  const house = await importHouse(built);
  const { answerCheckpoints, buildGallery, Gallery, openRun, panelHtml, syntheticExamples, syntheticRun } = house;
  const run =
    typeof source === 'string'
      ? await openRun(source)
      : madeUp(
          source.numRois === undefined
            ? syntheticExamples(source.numImages, source.numClasses)
            : syntheticRun(source.numImages, source.numRois, source.longNames),
          house.ListedImages,
        );
  const gallery = async (mining, decisions, { kind, similarTo }) => {
    const items = await buildGallery(run, mining, () => {}, new AbortController().signal);
    const made = new Gallery(items, { classes: run.manifest.classes, backgroundBelow: 0.05 });
    const placed = [...(await house.placeInRun(run, decisions))];
    made.setDecisions(new Map(placed.map(([image, { decisions }]) => [image, decisions])));
    made.setSuspects(await house.readSuspects(run));
    if (similarTo !== undefined) made.setSimilar(madeUpSimilarities(items.items[kind], kind, similarTo));
    return made;
  };
  const server = createServer((request, response) => {
    answer(request, response, { run, built, panelHtml, gallery, answerCheckpoints }).catch((error) =>
      response.writeHead(500).end(String(error.stack)),
    );
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    built,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await run.close?.();
      await rm(built, { recursive: true, force: true });
    },
  };
}

/** Of images that have been looked at; later items are less alike. */
function madeUpSimilarities({ image, length }, kind, to) {
  const values = Float32Array.from({ length }, (_, row) => (image[row] < to.most ? Math.exp(-row / length) : NaN));
  const numImages = new Set(image).size;
  const numLooked = Math.min(to.most, numImages);
  return { kind, to, values, facts: { numLooked, numImages, numFailed: 1, features: 'p3', isOther: true } };
}

/** A made-up run as `openRun` would give it. */
function madeUp({ manifest, schema, images }, ListedImages) {
  return {
    manifest,
    schemaBytes: schema,
    images: new ListedImages(images.map(({ summary }) => summary)),
    readImageBytes: async (index) => images[index].bytes,
    rowOf: () => 0,
    damage: new Map(),
  };
}

async function importHouse(built) {
  const contents = [
    `export { buildGallery } from './src/run/gallery/build-gallery.ts';`,
    `export { Gallery } from './src/run/gallery/gallery.ts';`,
    `export { placeInRun } from './src/run/gallery/run-decisions.ts';`,
    `export { readSuspects } from './src/run/gallery/suspect-items.ts';`,
    `export { ListedImages } from './src/core/facts/image-list.ts';`,
    `export { openRun } from './src/run/file/run-store.ts';`,
    `export { panelHtml } from './src/host/base/panel-html.ts';`,
    `export { syntheticRun } from './test/webview/synthetic-run.ts';`,
    `export { answerCheckpoints } from './test/webview/answer-checkpoints.ts';`,
    `export { syntheticExamples } from './test/webview/synthetic-examples.ts';`,
  ].join('\n');
  const outfile = join(built, 'house.mjs');
  await esbuild.build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

async function answer(request, response, { run, built, panelHtml, gallery, answerCheckpoints }) {
  const { pathname, origin, searchParams } = new URL(request.url, `http://${request.headers.host}`);
  const [, kind, index, most] = pathname.split('/');
  const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  if (pathname === '/') return send('text/html', await page(panelHtml, origin, searchParams, 'panel', 'host'));
  if (pathname === '/wizard')
    return send('text/html', await page(panelHtml, origin, searchParams, 'wizard', 'wizard-host'));
  if (pathname === '/checkpoints')
    return send('text/html', await page(panelHtml, origin, searchParams, 'checkpoints', 'checkpoints-host'));
  if (pathname === '/training')
    return send('text/html', await page(panelHtml, origin, searchParams, 'train', 'training-host'));
  if (kind === 'ask-checkpoints')
    return send('application/json', JSON.stringify(answerCheckpoints(JSON.parse(searchParams.get('ask')))));
  if (kind === 'run')
    return send('application/json', JSON.stringify({ manifest: run.manifest, images: [...run.images] }));
  if (kind === 'schema') return send('application/octet-stream', run.schemaBytes);
  if (kind === 'bytes') {
    response.setHeader('x-row', run.rowOf(Number(index)));
    return send('application/octet-stream', await run.readImageBytes(Number(index)));
  }
  if (kind === 'batches') return sendBatches(response, run, Number(index), Number(most));
  if (kind === 'gallery') {
    const { mining, query, page, decisions } = JSON.parse(searchParams.get('ask'));
    const items = await gallery(mining, decisions, page?.query ?? query);
    return send('application/json', JSON.stringify(page ? items.page(page) : items.query(query)));
  }
  if (kind === 'image')
    return createReadStream(run.images.at(Number(index)).path)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  const file = await readFile(join(built, pathname)).catch(() => null);
  return file === null
    ? response.writeHead(404).end()
    : send(TYPES[extname(pathname)] ?? 'application/octet-stream', file);
}

/** Consecutive record batches in one answer, and where each image is in them. */
async function sendBatches(response, run, first, most) {
  const indices = run.images.slice(first, first + most).map((_, i) => first + i);
  const batches = await Promise.all(indices.map((index) => run.readImageBytes(index)));
  const places = [];
  const parts = [];
  let end = 0;
  for (const [i, bytes] of batches.entries()) {
    const row = run.rowOf(indices[i]);
    if (row === 0 || i === 0) {
      end += bytes.length;
      parts.push(bytes);
    }
    places.push({ start: end - bytes.length, end, row });
  }
  response
    .writeHead(200, { 'content-type': 'application/octet-stream', 'x-places': JSON.stringify(places) })
    .end(Buffer.concat(parts));
}

/**
 * The extension's page with the stand-in host before the panel; that one fetches, the panel may not. `?kept={}` is what
 * other tabs have chosen. `?language=zh-cn`
 * hands that language's table over, as VS Code does with its language pack.
 */
async function page(panelHtml, origin, searchParams, bundle, standIn) {
  const language = searchParams.get('language') ?? 'en';
  const html = panelHtml({
    cspSource: origin,
    nonce: 'harness',
    scriptUri: `/${bundle}.js`,
    styleUri: `/${bundle}.css`,
    language,
    title: bundle,
    kept: JSON.parse(searchParams.get('kept') ?? '{}'),
    words: language === 'en' ? undefined : JSON.parse(await readFile(`l10n/bundle.l10n.${language}.json`, 'utf8')),
  });
  const open = html.replace("default-src 'none'", `default-src 'none'; connect-src ${origin}`);
  return open.replace(
    '<script type="module"',
    `<script type="module" nonce="harness" src="/${standIn}.js"></script>\n<script type="module"`,
  );
}

if (isMain(import.meta.url)) {
  const source = process.argv[2] ?? '2000';
  const { url } = await serveRun(
    /^\d+$/.test(source) ? { numImages: 6, numRois: Number(source) } : source,
    Number(process.argv[3] ?? 0),
  );
  console.log(`${url}?theme=dark|light|hc-dark|hc-light`);
}
