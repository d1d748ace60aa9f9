import { contractNames } from '../checkpoint/files/locate.js';
import { MiningError, show } from '../core/mining-error.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { defaultConfig, resolveConfig } from '../core/mining/select.js';
import { decodeImage, encodePng } from '../dataset/pixels/decode-image.js';
import { annotationPlace, splitsOf } from '../dataset/registry.js';
import { probeBackends } from '../engine/registry.js';
import type { WorkerApi, WorkerEvent, WorkerMethod, WorkerRequest } from '../protocol/worker-messages.js';
import { compareBefore, fatesOnImage } from '../run/query/compare-before.js';
import { compareRun } from '../run/query/compare-run.js';
import { exportSelection } from '../run/export/export-selection.js';
import { EXPORT_FORMATS } from '../run/export/registry.js';
import { importDump } from '../run/dump/import-dump.js';
import { dumpAt, findInputs } from '../run/find/find-inputs.js';
import type { MineOptions } from '../run/mine/mine-options.js';
import { mineRun } from '../run/mine/mine-run.js';
import { summariseRun } from '../run/query/summarise-run.js';
import { endTraining, train } from './train-session.js';

type Params<M extends WorkerMethod> = Parameters<WorkerApi[M]>[0];
type Emit = (event: WorkerEvent) => void;
type Answers = {
  [M in WorkerMethod]: (params: Params<M>, emit: Emit, laneEntry: URL | null) => Promise<ReturnType<WorkerApi[M]>>;
};

const ANSWERS: Answers = {
  async mine({ options }, emit, laneEntry) {
    const given = options as MineOptions;
    const { mining, classificationMining } = given;
    const checked = {
      ...given,
      mining: checkConfig(mining),
      ...(classificationMining === undefined ? {} : { classificationMining: checkConfig(classificationMining) }),
    };
    await mineRun(checked, emit, undefined, laneEntry);
    return { outPath: checked.outPath };
  },
  async importDump({ mining, ...options }, emit) {
    const checked = mining === null ? null : checkConfig(mining);
    await importDump({ ...options, miningOf: (task) => checked ?? defaultConfig(task) }, emit);
    return { outPath: options.outPath };
  },
  train,
  async stopTraining() {
    await endTraining();
    return {};
  },
  compareBefore({ before, after }) {
    return compareBefore(before, after);
  },
  fatesOnImage({ before, after, imageIndex }) {
    return fatesOnImage(before, after, imageIndex);
  },
  async backends({ refresh }) {
    return { verdicts: await probeBackends({ refresh: refresh === true }) };
  },
  async summarise({ runPath, mining }) {
    return { images: await summariseRun(runPath, checkConfig(mining)) };
  },
  compareRun({ runPath, a, b }) {
    return compareRun(runPath, checkConfig(a), checkConfig(b));
  },
  async exportFormats() {
    return { formats: EXPORT_FORMATS.map(({ id, title, extension }) => ({ id, title, extension })) };
  },
  async exportSelection({ runPath, mining, outPath, format }, emit) {
    const { numRows, damage } = await exportSelection(runPath, checkConfig(mining), outPath, format);
    if (damage !== '') emit({ event: 'log', level: 'warning', text: damage });
    return { numRows };
  },
  findInputs({ roots }) {
    return findInputs(roots);
  },
  async dumpAt({ path }) {
    return { dump: await dumpAt(path) };
  },
  async splitsOf({ path }) {
    return { splits: await splitsOf(path) };
  },
  contractNames({ path }) {
    return contractNames(path);
  },
  async annotationPlace({ format, path, index }) {
    return { place: await annotationPlace(format, path, index) };
  },
  async toPng({ path, outPath }) {
    await encodePng(await decodeImage(path), outPath);
    return {};
  },
};

/**
 * Carries out one call of the host.
 * @param emit events on the way.
 * @param laneEntry what `mineRun` takes.
 * @throws MiningError whatever is wrong with the inputs.
 */
export async function answer(request: WorkerRequest, emit: Emit, laneEntry: URL | null = null): Promise<unknown> {
  const call = ANSWERS[request.call] as
    ((params: object, emit: Emit, laneEntry: URL | null) => Promise<unknown>) | undefined;
  if (call === undefined)
    throw new MiningError('options', 'call', `one of ${Object.keys(ANSWERS).join(', ')}`, show(request.call));
  return call(request.params, emit, laneEntry);
}

/** A configuration that came over the wire. */
function checkConfig({ preset, ...given }: MiningConfig): MiningConfig {
  return resolveConfig(preset, given);
}
