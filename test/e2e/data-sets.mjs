// The sample's first images as people's folders have them: what test/e2e/questions.mjs finds and opens by clicks.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const NUM_IMAGES = 6;

/** @returns the sample's first images with their objects: name, path, size, boxes (x, y, width, height in px). */
async function readSample(sample) {
  const { images, annotations, categories } = JSON.parse(await readFile(join(sample, 'instances.json'), 'utf8'));
  const classes = categories.map(({ name }) => name);
  const place = new Map(categories.map(({ id }, i) => [id, i]));
  const pictures = images.slice(0, NUM_IMAGES).map(({ id, file_name, width, height }) => ({
    name: basename(file_name),
    path: join(sample, file_name),
    width,
    height,
    objects: annotations
      .filter(({ image_id }) => image_id === id)
      .map(({ category_id, bbox }) => ({ label: place.get(category_id), box: bbox })),
  }));
  return { classes, pictures };
}

const stem = (name) => name.replace(/\.\w+$/, '');

function cocoText({ classes, pictures }) {
  return JSON.stringify({
    images: pictures.map(({ name, width, height }, id) => ({ id, file_name: name, width, height })),
    categories: classes.map((name, id) => ({ id, name })),
    annotations: pictures.flatMap(({ objects }, image) =>
      objects.map(({ label, box }, i) => ({ id: image * 1000 + i, image_id: image, category_id: label, bbox: box })),
    ),
  });
}

/** Corners that count from 1, as the devkit has them: none is at 0. */
function vocText(classes, { name, width, height, objects }) {
  const boxes = objects.map(
    ({ label, box: [x, y, w, h] }) =>
      `<object><name>${classes[label]}</name><bndbox><xmin>${x + 1}</xmin><ymin>${y + 1}</ymin>` +
      `<xmax>${x + w}</xmax><ymax>${y + h}</ymax></bndbox></object>`,
  );
  const size = `<size><width>${width}</width><height>${height}</height></size>`;
  return `<annotation><filename>${name}</filename>${size}${boxes.join('\n')}</annotation>`;
}

const yoloText = ({ width, height, objects }) =>
  objects
    .map(({ label, box: [x, y, w, h] }) =>
      [label, (x + w / 2) / width, (y + h / 2) / height, w / width, h / height].join(' '),
    )
    .join('\n');

/** Headers that no tool knows. */
const tableText = ({ classes, pictures }) =>
  [
    'photo_of;part;von_x;von_y;bis_x;bis_y',
    ...pictures.flatMap(({ name, objects }) =>
      objects.map(({ label, box: [x, y, w, h] }) => [name, classes[label], x, y, x + w, y + h].join(';')),
    ),
  ].join('\n');

/** Each object found with a score of .9, and one of another class. */
const resultsText = ({ classes, pictures }) =>
  JSON.stringify(
    pictures.flatMap(({ objects }, image_id) =>
      objects.map(({ label, box }, i) => ({
        image_id,
        category_id: i === 0 ? (label + 1) % classes.length : label,
        bbox: box,
        score: 0.9,
      })),
    ),
  );

/** Writes the folders into `workspace`. @returns how many images each has. */
export async function writeDataSets(sample, workspace) {
  const all = await readSample(sample);
  const { classes, pictures } = all;
  const put = async (file, text) => {
    await mkdir(dirname(join(workspace, file)), { recursive: true });
    await writeFile(join(workspace, file), text);
  };
  const copy = (folder, some = pictures) =>
    Promise.all(some.map(({ name, path }) => cp(path, join(workspace, folder, name))));

  await copy('coco/val/images');
  await put('coco/val/annotations/instances_val.json', cocoText(all));
  await put('detections/results.json', resultsText(all));

  await copy('данные 猫/часть é');
  await put('данные 猫/часть é/_annotations.coco.json', cocoText(all));

  await copy('work/2026/run 7/Images');
  for (const picture of pictures) await put(`work/2026/run 7/Labels/${stem(picture.name)}.txt`, yoloText(picture));
  await put('work/2026/run 7/classes.txt', classes.join('\n'));

  await copy('new set (final)/JPEGImages');
  for (const picture of pictures)
    await put(`new set (final)/Annotations/${stem(picture.name)}.xml`, vocText(classes, picture));

  const parts = { train: pictures.slice(0, 4), valid: pictures.slice(4) };
  for (const [part, some] of Object.entries(parts)) {
    await copy(`parts/${part}/images`, some);
    for (const picture of some) await put(`parts/${part}/labels/${stem(picture.name)}.txt`, yoloText(picture));
  }
  await put(
    'parts/data.yaml',
    `train: ../train/images\nval: ../valid/images\nnc: ${classes.length}\nnames: ${JSON.stringify(classes)}\n`,
  );

  await copy('table');
  await put('table/measured.csv', tableText(all));
  return { numImages: pictures.length, numValid: parts.valid.length };
}
