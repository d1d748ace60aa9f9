// Who may import whom (docs/adr/0001, 0015). Cycles of files are refused, type-only ones too; test/house.mjs refuses
// circles of folders.

/** The floors: a room and the rooms it may import. */
const rooms = {
  core: [],
  files: ['core'],
  arrow: ['core'],
  protocol: ['core'],
  dataset: ['core', 'files'],
  checkpoint: ['core', 'files'],
  engine: ['core', 'files', 'protocol'],
  train: ['core', 'files'],
  run: ['core', 'files', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train'],
  worker: ['core', 'files', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train', 'run'],
  cli: ['core', 'files', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train', 'run'],
  host: ['core', 'files', 'arrow', 'protocol', 'run/file/run-store', 'run/decisions'],
};

/**
 * The rooms inside a room: each may import those before it in its line, and the files that lie in the room itself.
 * Where `.`, these files, stands first, they may import none of its rooms.
 */
const inner = {
  core: ['boxes', 'losses', 'assign', 'measure', 'mining', 'facts', 'reports', 'triage'],
  'core/losses': ['.', 'class', 'box'],
  dataset: ['rows', 'pixels', 'named', 'coco', 'voc', 'yolo', 'labels', 'tools', 'dump', 'predictions'],
  checkpoint: ['files', 'pixels', 'sidecars', 'families', 'classifier'],
  'checkpoint/families': ['.', 'detr'],
  engine: ['setup', 'gpu', 'onnx', 'tfjs', 'tflite', 'probe'],
  train: ['network', 'evaluate'],
  run: ['file', 'decisions', 'find', 'query', 'mine', 'gallery', 'agents', 'export', 'inspect', 'dump', 'train'],
  host: ['base', 'engine', 'inputs', 'run', 'checkpoints', 'mine', 'train', 'wizard'],
  webview: [
    ...['words', 'rows', 'geometry', 'link', 'state', 'chrome', 'canvas'],
    ...['controls', 'table', 'details', 'decide', 'compare', 'measure', 'examples', 'gallery'],
    ...['checkpoints', 'train', 'wizard'],
  ],
};
/** Rooms beside each other: neither imports the other. */
const apart = {
  'core/losses': ['class', 'box'],
  dataset: ['coco', 'voc', 'yolo', 'labels', 'tools'],
  run: ['find', 'export', 'dump', 'train'],
  webview: ['compare', 'measure', 'examples', 'checkpoints', 'train', 'wizard'],
};

/** A room, as a folder or as one file; `x/.`: the files that lie in x itself. */
const own = (name) => {
  const path = name.startsWith('webview/') ? name : `src/${name}`;
  return path.endsWith('/.') ? `^${path.slice(0, -1)}[^/]+$` : `^${path}(/|\\.)`;
};
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

const floors = Object.entries(rooms).map(([room, may]) =>
  forbid(`room-${room}`, { path: own(room) }, { path: '^src/', pathNot: [room, ...may].map(own) }),
);
const order = Object.entries(inner).flatMap(([room, names]) =>
  names.map((name, i) =>
    forbid(
      `room-${room}-${name}`,
      { path: own(`${room}/${name}`) },
      { path: [...names.slice(i + 1)].map((above) => own(`${room}/${above}`)) },
    ),
  ),
);
const neighbours = Object.entries(apart).flatMap(([room, names]) =>
  names.map((name) =>
    forbid(
      `apart-${room}-${name}`,
      { path: own(`${room}/${name}`) },
      { path: names.filter((other) => other !== name).map((other) => own(`${room}/${other}`)) },
    ),
  ),
);

export default {
  forbidden: [
    forbid('no-cycle', {}, { circular: true }),
    forbid('src-knows-no-webview-and-no-test', { path: '^src/' }, { path: '^(webview|test)/' }),
    forbid(
      'webview-knows-core-arrow-protocol',
      { path: '^webview/' },
      { path: '^src/', pathNot: ['core', 'arrow', 'protocol'].map(own) },
    ),
    ...floors,
    ...order.filter(({ to }) => to.path.length > 0),
    ...neighbours,
    forbid('core-is-pure', { path: '^src/core/' }, { pathNot: '^src/core/' }),
    forbid('vscode-in-host-only', { pathNot: '^src/host/' }, { path: '^vscode$' }),
    forbid('arrow-library-in-arrow-only', { pathNot: '^src/arrow/' }, { path: 'flechette|apache-arrow' }),
    forbid('onnxruntime-in-its-room', { pathNot: '^src/engine/onnx/' }, { path: 'node_modules/onnxruntime' }),
    forbid('litert-in-its-room', { pathNot: '^src/engine/tflite/' }, { path: 'node_modules/@litertjs' }),
    forbid('tfjs-in-engine-and-train', { pathNot: '^src/(engine/tfjs|train)/' }, { path: '@tensorflow/' }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
