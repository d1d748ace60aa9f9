/** "Mine Hard Examples": from two picks, or arguments, to a growing run in its panel. */
import { DEFAULT_KEEP_ROIS } from '../../core/facts/run-manifest.js';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { numExpected } from '../../core/facts/run-manifest.js';
import type { MeasureConfig } from '../../core/measure/measure-config.js';
import { recipe } from '../../core/measure/recipe.js';
import { MiningError, show } from '../../core/mining-error.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Params } from '../../protocol/endpoint.js';
import type { WorkerApi } from '../../protocol/worker-messages.js';
import { minedFrom, type MineOptions } from '../../protocol/mining-requests.js';
import type { JobFollower } from './follow-job.js';
import { askInputs, dataOptions, inputAt, sampleInputs, type MineInputs } from '../inputs/mine-inputs.js';
import { listed } from '../base/listed.js';
import { messageOf, type Log } from '../base/log.js';
import type { JobRequest, MineOutcome, MiningJob, MiningJobs } from './mining-jobs.js';
import { runName } from './run-name.js';
import { placeRun } from './run-place.js';
import type { Run } from '../run/run.js';
import { miningConfig, setting } from '../base/settings.js';
import { confirmOneOf } from '../base/speak.js';
import { mayRunModels } from '../base/trust.js';
import { allowImages, type ImageFolders } from '../run/image-folders.js';

/** Arguments of `ohemLens.mine` for other extensions, tasks and tests. */
export interface MineArguments extends MineInputs {
  /** Path of the run file; default: a new one in the run folder. */
  readonly out?: string | undefined;
  readonly mining?: Partial<MiningConfig>;
  /** Changes to the recipe of the checkpoint's family. */
  readonly measure?: Partial<MeasureConfig>;
  readonly backend?: string;
  /** Replace an `out` that exists. */
  readonly force?: boolean;
}

export class MineCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly engine: EngineService,
    private readonly jobs: MiningJobs,
    private readonly follower: JobFollower,
    private readonly folders: ImageFolders,
    private readonly log: Log,
  ) {}

  /**
   * Mines, from arguments or after asking.
   * @param at a checkpoint, predictions or images that need not be asked for.
   * @returns how it ended; undefined where it never began.
   */
  async mine(given?: Partial<MineArguments>, at?: string): Promise<MineOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    try {
      const chosen: MineArguments | undefined =
        given === undefined
          ? await askInputs(this.engine, this.#sample, this.log, {
              what: vscode.l10n.t('Mine Hard Examples'),
              takesPredictions: true,
              ...(at === undefined ? {} : { given: await inputAt(this.engine, at) }),
            })
          : checkArguments(given);
      if (chosen === undefined) return undefined;
      allowImages(this.folders, chosen.data, chosen.images);
      return await this.follower.follow(this.jobs.start(await this.#request(chosen)));
    } catch (error) {
      this.log.showError(error);
      return undefined;
    }
  }

  mineSample(): Promise<MineOutcome | undefined> {
    return this.mine(this.#sample);
  }

  /** Goes on where a run stopped. */
  async resume(run: Run): Promise<MineOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    const under = this.jobs.of(run.path);
    return under ? under.done : this.follower.follow(this.jobs.start(resumeRequest(run)));
  }

  /** Mines images of a run anew in its place: these ids, or those that have changed since; the rest is kept. */
  async remine(run: Run, images: 'changed' | readonly string[]): Promise<MineOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    const remine = images === 'changed' ? images : [...images];
    const request = mineRequest({ ...minedFrom(run), resume: false, remine });
    const under = this.jobs.of(run.path);
    return under ? under.done : this.follower.follow(this.jobs.start({ ...request, kind: 'remine' }));
  }

  /**
   * Mines another checkpoint just as a run was mined; whoever asked follows the job.
   * @throws MiningError 'run-file' where the run was not mined from a checkpoint.
   */
  again(run: Run, checkpointPath: string, outPath: string, resume: boolean): MiningJob {
    return this.jobs.start(mineRequest({ ...minedFrom(run), checkpointPath, outPath, resume }));
  }

  /**
   * Mines what a run was mined from on another backend, into a new file: a run never mixes backends.
   * @returns undefined where it never began.
   * @throws MiningError 'run-file' where the run was not mined from a checkpoint.
   */
  async mineOn(run: Run, backend: string): Promise<MineOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    return this.#mineAnew({ ...minedFrom(run), outPath: await this.#newPlace(run), backend });
  }

  /**
   * Mines what a run was mined from by another measure, after asking: into a new file, or in its place.
   * @returns undefined where it never began.
   * @throws MiningError 'run-file' where the run was not mined from a checkpoint.
   */
  async measureAgain(run: Run, measure: MeasureConfig): Promise<MineOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    const options = { ...minedFrom(run), measure };
    const [anew, inPlace] = [vscode.l10n.t('Into a New Run'), vscode.l10n.t('Replace This Run')];
    const picked = await confirmOneOf(
      vscode.l10n.t('Run the model again over {0} images?', numExpected(run.manifest.dataset)),
      vscode.l10n.t('{0} keeps losses and no scores. They will be: {1}', basename(run.path), listed(recipe(measure))),
      [anew, inPlace],
    );
    if (picked === undefined) return undefined;
    if (picked === inPlace) return this.#mineAnew({ ...options, force: true });
    return this.#mineAnew({ ...options, outPath: await this.#newPlace(run) });
  }

  #mineAnew(options: Omit<MineOptions, 'timeLimitS' | 'resume'>): Promise<MineOutcome | undefined> {
    return this.follower.follow(this.jobs.start(mineRequest({ ...options, resume: false })));
  }

  async #newPlace(run: Run): Promise<string> {
    const { checkpointPath: checkpoint, datasetPath: data } = minedFrom(run);
    return placeRun(this.context, undefined, await this.#nameOf({ checkpoint, data }));
  }

  get #sample() {
    return sampleInputs(this.context.extensionPath);
  }

  /**
   * A request that can be asked again with classes mapped; the map goes along, lest the contract cannot be written.
   */
  #mappable(options: Parameters<typeof mineRequest>[0]): JobRequest {
    return {
      ...mineRequest(options),
      withClasses: async (classMap, family) => {
        if (family !== '') await this.#keepClassMap({ checkpoint: options.checkpointPath, family, classMap });
        return mineRequest({ ...options, classMap });
      },
    };
  }

  async #keepClassMap(keys: Params<WorkerApi, 'keepClassMap'>): Promise<void> {
    await this.engine
      .call('keepClassMap', keys)
      .then(({ path }) => this.log.info(`the map of classes is kept in ${path}`))
      .catch((error: unknown) => this.log.warning(`the map of classes is not kept: ${messageOf(error)}`));
  }

  async #nameOf({ checkpoint, data }: MineArguments): Promise<string> {
    const contract = await this.engine.call('contractNames', { path: checkpoint });
    return runName({ checkpoint, contract, data }, new Date());
  }

  async #request(given: MineArguments): Promise<JobRequest> {
    const request = this.#mappable({
      checkpointPath: given.checkpoint,
      datasetPath: given.data,
      dataset: dataOptions(given),
      outPath: await placeRun(this.context, given.out, await this.#nameOf(given)),
      mining: miningConfig('detection', given.mining),
      classificationMining: miningConfig('classification', given.mining),
      measure: given.measure ?? {},
      backend: given.backend ?? (setting('backend', '').trim() || null),
      limit: null,
      keepRois: setting('keepRois', DEFAULT_KEEP_ROIS) || null,
      resume: false,
      force: given.force === true,
    });
    return {
      ...request,
      described: { inputs: given, again: () => this.#request({ ...given, out: undefined }) },
      withColumns: (columns) => this.#request({ ...given, columns }),
    };
  }
}

/** @throws MiningError 'options' */
function checkArguments(given: Partial<MineArguments>): MineArguments {
  for (const name of ['checkpoint', 'data'] as const) {
    if (typeof given[name] !== 'string' || given[name] === '')
      throw new MiningError('options', name, 'a path', show(given[name]));
  }
  return given as MineArguments;
}

/** @throws MiningError 'run-file' where the run was not mined from a checkpoint. */
function resumeRequest(run: Run): JobRequest {
  return mineRequest({ ...minedFrom(run), resume: true });
}

/** @param given without the time limit, which is the settings'. */
function mineRequest(given: Omit<MineOptions, 'timeLimitS'>): JobRequest {
  const options = { ...given, timeLimitS: setting('timeLimit', 300) };
  const { outPath, resume } = options;
  return { kind: 'mine', outPath, resume, work: (engine) => engine.call('mine', options) };
}
