// The rooms of the house: who may import whom (docs/adr/0001). Cycles are refused, type-only ones too.
const rooms = ['core', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train', 'run', 'worker', 'cli', 'host', 'sample'];
const may = {
  core: [],
  arrow: ['core'],
  protocol: ['core'],
  dataset: ['core'],
  checkpoint: ['core'],
  engine: ['core'],
  train: ['core'],
  sample: ['core', 'train'],
  run: ['core', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train'],
  worker: ['core', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train', 'run'],
  cli: ['core', 'arrow', 'protocol', 'dataset', 'checkpoint', 'engine', 'train', 'run', 'sample'],
  host: ['core', 'arrow', 'protocol', 'run/run-store'],
};
const own = (name) => `^src/${name}(/|\\.)`;

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-knows-no-webview', severity: 'error', from: { path: '^src/' }, to: { path: '^webview/' } },
    {
      name: 'webview-knows-core-arrow-protocol',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/', pathNot: ['^src/core/', '^src/arrow/', '^src/protocol/'] },
    },
    ...rooms.map((room) => ({
      name: `room-${room}`,
      severity: 'error',
      from: { path: own(room) },
      to: { path: '^src/', pathNot: [own(room), ...(may[room] ?? []).map(own)] },
    })),
    { name: 'core-is-pure', severity: 'error', from: { path: '^src/core/' }, to: { pathNot: '^src/core/' } },
    { name: 'vscode-in-host-only', severity: 'error', from: { pathNot: '^src/host/' }, to: { path: '^vscode$' } },
    { name: 'arrow-library-in-arrow-only', severity: 'error', from: { pathNot: '^src/arrow/' }, to: { path: 'flechette|apache-arrow' } },
    {
      name: 'onnxruntime-in-its-file',
      severity: 'error',
      from: { pathNot: '^src/engine/onnxruntime-' },
      to: { path: 'onnxruntime' , pathNot: '^src/engine/'},
    },
    {
      name: 'tfjs-in-engine-and-train',
      severity: 'error',
      from: { pathNot: '^src/(engine/tfjs-|train/)' },
      to: { path: '@tensorflow/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'], extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
