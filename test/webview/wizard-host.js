// Stands in for the extension host of the wizard: three made-up images, and readings that move their boxes.
import { EVIDENCE } from '../../src/run/inspect/evidence.ts';
import { MiningError } from '../../src/core/mining-error.ts';
import { acquireFor, wanted } from './stand-in.js';

const SIZE = { width: 640, height: 480 };
const CLASSES = ['bolt', 'nut', 'washer'];

/** Objects of an image: columns of boxes in a row. */
function objectsOf(image) {
  const at = [0, 1, 2, 3, 4].map((n) => ({ x: 40 + n * 118, y: 60 + ((n * 97 + image * 61) % 300) }));
  return {
    x1: at.map(({ x }) => x),
    y1: at.map(({ y }) => y),
    x2: at.map(({ x }) => x + 84),
    y2: at.map(({ y }) => y + 72),
    label: at.map((_, n) => CLASSES[(n + image) % 3]),
  };
}

const images = [0, 1, 2].map((n) => ({ path: `/data/parts-${n}.jpg`, ...SIZE, gts: objectsOf(n) }));

/** A reading that finds the objects `by` px beside where they are. */
function reading(name, fit, by) {
  const boxes = images.map(({ gts }) => ({
    x1: gts.x1.map((x) => x + by),
    y1: gts.y1.map((y) => y + by / 2),
    x2: gts.x2.map((x) => x + by),
    y2: gts.y2.map((y) => y + by / 2),
    label: gts.label,
    score: gts.label.map((_, n) => 0.93 - n / 10),
  }));
  return { name, fit, boxes };
}

/** The picture of an image, drawn here: nothing is fetched. */
async function pictureOf({ width, height, gts }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.fillStyle = '#8a9199';
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#4f5b66';
  gts.label.forEach((_, n) => {
    context.beginPath();
    context.ellipse((gts.x1[n] + gts.x2[n]) / 2, (gts.y1[n] + gts.y2[n]) / 2, 40, 34, 0, 0, 2 * Math.PI);
    context.fill();
  });
  return URL.createObjectURL(await new Promise((resolve) => canvas.toBlob(resolve)));
}

let chosen = 0;
let readings = [
  reading('scale 0…255', 0.91, 3),
  reading('scale 0…255, resize stretch', 0.62, 22),
  reading('as it is', 0.02, 140),
];
const isWeak = () => readings[chosen].fit < 0.3;

function state() {
  const { name, fit } = readings[chosen];
  return {
    images,
    readings,
    chosen,
    facts: [
      ['family', 'yolox'],
      ['input', 'images float32 [1,3,416,416]'],
      ['', 'an image becomes 416 x 416'],
      ['output', 'output float32 [1,3549,8]'],
      ['preprocess', '{"resize":"letterbox","channels":"bgr","mean":[0,0,0],"std":[1,1,1],"pad":114}'],
      ['classes', '3: bolt, nut, washer'],
      ['', 'classes from classes.txt'],
    ],
    evidence: { text: isWeak() ? EVIDENCE.noneFits : EVIDENCE.sure, values: [15, fit.toFixed(2)] },
    isWeak: isWeak(),
    repairs: [
      { id: 'resize', title: 'Resize', choices: ['letterbox', 'letterbox-centre', 'stretch'], chosen: 0 },
      { id: 'scale', title: 'Pixel scale', choices: ['0…1', '0…255', '-1…1'], chosen: name === 'as it is' ? 0 : 1 },
      { id: 'decoded', title: 'Boxes decoded in the graph', choices: ['true', 'false'], chosen: null },
    ],
  };
}

async function send() {
  const uris = await Promise.all(images.map((image) => (wanted.has('nopictures') ? null : pictureOf(image))));
  const minesNext = wanted.has('mines');
  wizard.tell('wizard', { wizard: { title: 'parts.onnx', inspection: state(), uris, minesNext } });
}

const wizard = acquireFor({
  ready: send,
  take({ reading: index }) {
    chosen = index;
    return send();
  },
  async repair({ id, choice }) {
    if (id === 'decoded') throw new MiningError('checkpoint', 'outputs', 'decoded boxes', 'raw ones');
    await new Promise((resolve) => setTimeout(resolve, 200));
    readings = [...readings, reading(`${id} ${choice}`, 0.4, 40)].sort((a, b) => b.fit - a.fit);
    chosen = readings.findIndex(({ name }) => name === `${id} ${choice}`);
    return send();
  },
  save: () => undefined,
});
