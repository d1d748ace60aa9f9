import { orderValue } from '../../../core/facts/image-orders.js';
import { LOSS_SOURCES, roiBoxOf } from '../../../core/facts/run-manifest.js';
import { escapeMarkup } from '../../../core/markup.js';
import { MiningError } from '../../../core/mining-error.js';
import { encodeSmallJpeg } from '../../../dataset/pixels/decode-image.js';
import type { Box, RoiRecord } from '../../query/selected-rois.js';
import type { TextFormat, ExportSource } from '../export-format.js';
import { knownBox, objectsOf, type ImageObjects } from '../image-objects.js';

/** Images of a report where nobody says how many: some 5 MB. */
const DEFAULT_IMAGES = 50;
/** Longer side of a picture, px. */
const SIDE = 640;
/** RoIs drawn and listed for each image. */
const [NUM_DRAWN, NUM_LISTED] = [20, 5];

const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
:root { color-scheme: light dark }
section { display: grid; grid-template-columns: minmax(0, 640px) minmax(20rem, 1fr); gap: 1.5rem; margin: 2.5rem 0 }
figure { margin: 0; position: relative } img { width: 100%; display: block }
svg { position: absolute; inset: 0; width: 100%; height: 100% }
rect { fill: none; vector-effect: non-scaling-stroke }
.gt { stroke: white; stroke-width: 1.5; stroke-dasharray: 3 3; paint-order: stroke }
.roi { stroke: color-mix(in oklch, #fcffa4, #781c6d var(--easy)); stroke-width: 2 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .1rem .6rem .1rem 0 }
td.n { text-align: right; font-variant-numeric: tabular-nums } h2 { font-size: 1rem; margin: 0 }
@media (max-width: 60rem) { section { grid-template-columns: 1fr } }`;

/**
 * One page without scripts or links to elsewhere, pictures inside: the hardest images with their hardest RoIs, from
 * bright (hardest) to dark, and their ground truths dashed. A picture that cannot be read is said.
 * Cost: a decoded picture an image; the page is in memory.
 */
export const htmlExport: TextFormat = {
  id: 'html',
  title: 'Report with pictures',
  holds: 'One self-contained page with the hardest images (50 without `--top`), their boxes and RoIs',
  extension: 'html',
  async *text(source, batches) {
    const most = source.most ?? DEFAULT_IMAGES;
    let hardest: ImageObjects[] = [];
    for await (const batch of batches) {
      hardest.push(...objectsOf(batch).map((image) => ({ ...image, rows: image.rows.slice(0, NUM_DRAWN) })));
      hardest.sort((a, b) => orderValue(b.image.summary, source.order) - orderValue(a.image.summary, source.order));
      hardest = hardest.slice(0, most);
    }
    yield headOf(source, hardest.length);
    for (const [place, image] of hardest.entries()) yield await sectionOf(image, place, source);
    yield '</body></html>\n';
  },
};

function headOf({ path, manifest, mining, order, extent }: ExportSource, numShown: number): string {
  const { checkpoint, dataset, lossSource } = manifest;
  const model = checkpoint === null ? '' : `: ${checkpoint.family}: ${checkpoint.path}`;
  const facts = [
    `${numShown} hardest of ${extent.num_images} images by the ${order} of the selected losses`,
    `preset ${mining.preset}, B ${mining.batchSize}, N ${mining.imagesPerBatch}`,
    `${LOSS_SOURCES[lossSource]}${model}`,
    `data: ${dataset.path}`,
    extent.complete ? '' : `unfinished: ${extent.num_images} of ${extent.num_in_dataset} images`,
  ];
  const lines = facts.filter((fact) => fact !== '').map((fact) => `<li>${escapeMarkup(fact)}</li>`);
  const title = `Hard examples of ${escapeMarkup(path)}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body><h1>${title}</h1><ul>
${lines.join('\n')}</ul>
`;
}

async function sectionOf({ image, rows, objects }: ImageObjects, place: number, source: ExportSource): Promise<string> {
  const { summary } = image;
  const picture = await pictureOf(summary.path);
  const side = roiBoxOf(source.manifest) === 'regressed' ? 'pred_box' : 'region';
  const rois = rows.map((row, i) => rectOf('roi', row[side], (100 * i) / Math.max(rows.length - 1, 1)));
  const boxes = [...objects.map(({ box }) => rectOf('gt', box)), ...rois.toReversed()].join('');
  const { width, height } = summary;
  // Without the size nobody knows where in the picture a box lies.
  const drawn =
    width > 0 && height > 0 ? `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${boxes}</svg>` : '';
  const value = orderValue(summary, source.order).toFixed(2);
  return `<section><figure>${picture}${drawn}</figure><div>
<h2>${place + 1}. ${escapeMarkup(summary.id)}</h2><p>${source.order} ${value} · ${summary.numSelected} selected RoIs ·
${objects.length} objects</p><table><tr><th>rank</th><th>label → prediction</th><th>score</th><th>loss</th></tr>
${rows.slice(0, NUM_LISTED).map(lineOf).join('\n')}</table></div></section>
`;
}

async function pictureOf(path: string): Promise<string> {
  try {
    if (path === '') throw new MiningError('image', 'path', 'a path of the pixels', 'none');
    const jpeg = await encodeSmallJpeg(path, SIDE);
    return `<img alt="" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">`;
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    return `<p>${escapeMarkup(error.message)}</p>`;
  }
}

/** @param easy place in the loss order, percent; nothing for a ground truth. */
function rectOf(kind: 'gt' | 'roi', given: Box, easy?: number): string {
  const box = knownBox(given);
  if (box === null) return '';
  const [x1, y1, x2, y2] = box;
  const style = easy === undefined ? '' : ` style="--easy:${easy.toFixed(0)}%"`;
  const [width, height] = [Math.max(x2 - x1, 0), Math.max(y2 - y1, 0)].map((side) => side.toFixed(1));
  const corner = `x="${x1.toFixed(1)}" y="${y1.toFixed(1)}"`;
  return `<rect class="${kind}"${style} ${corner} width="${width}" height="${height}"/>`;
}

function lineOf({ rank, label, predicted, top_class, score, loss }: RoiRecord): string {
  const nearest = top_class !== null && top_class !== predicted ? ` (${top_class})` : '';
  const words = escapeMarkup(`${label} → ${predicted ?? '?'}${nearest}`);
  const number = (value: number | null, digits: number) => `<td class="n">${value?.toFixed(digits) ?? ''}</td>`;
  return `<tr><td>#${rank}</td><td>${words}</td>${number(score, 4)}${number(loss, 2)}</tr>`;
}
