/** "Import RoI Dump…", "Watch RoI Dump…": losses from a training run become a run file in its panel. */
import type * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { JobFollower } from './follow-job.js';
import { askDump, type ImportInputs } from '../inputs/import-inputs.js';
import type { JobRequest, MineOutcome, MiningJobs } from './mining-jobs.js';
import { runName } from './run-name.js';
import { placeRun } from './run-place.js';
import { miningConfig } from '../base/settings.js';
import type { EngineService } from '../engine/engine-service.js';
import { allowImages, type ImageFolders } from '../run/image-folders.js';

/** Arguments of `ohemLens.importDump` for other extensions, tasks and tests. */
export interface ImportArguments extends ImportInputs {
  /** Path of the run file; default: a new one in the run folder. */
  readonly out?: string;
  readonly mining?: Partial<MiningConfig>;
  /** Replace an `out` that exists. */
  readonly force?: boolean;
}

export class ImportCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly engine: EngineService,
    private readonly jobs: MiningJobs,
    private readonly follower: JobFollower,
    private readonly folders: ImageFolders,
  ) {}

  /**
   * Imports, from arguments or after asking.
   * @param at a dump that need not be asked for.
   * @param follow go on while a training writes, until it is stopped.
   * @returns how it ended; undefined where it never began.
   * @throws MiningError 'options'
   */
  async run(given?: Partial<ImportArguments>, follow = false, at?: string): Promise<MineOutcome | undefined> {
    const chosen = given === undefined ? await askDump(this.engine, follow, at) : checkArguments(given);
    if (chosen === undefined) return undefined;
    allowImages(this.folders, chosen.dump, chosen.images);
    return this.follower.follow(this.jobs.start(await this.#request(chosen, follow)));
  }

  async #request({ dump, images, out, mining, force }: ImportArguments, follow: boolean): Promise<JobRequest> {
    const outPath = await placeRun(
      this.context,
      out,
      runName({ checkpoint: '', contract: { family: '', title: '' }, data: dump }, new Date()),
    );
    const task = (await this.engine.call('dumpAt', { path: dump })).dump?.task ?? null;
    // A file that does not show its task here is given that task's default there.
    const config = task === null && mining === undefined ? null : miningConfig(task ?? 'detection', mining);
    const place = { dumpPath: dump, images: images ?? null, outPath };
    const options = { ...place, mining: config, force: force === true, follow };
    return {
      kind: follow ? 'watch' : 'import',
      outPath,
      resume: false,
      work: (engine, stop) => engine.call('importDump', options, stop),
    };
  }
}

/** @throws MiningError 'options' */
function checkArguments(given: Partial<ImportArguments>): ImportArguments {
  if (typeof given.dump !== 'string' || given.dump === '')
    throw new MiningError('options', 'dump', 'a path', show(given.dump));
  return { ...given, dump: given.dump };
}
