/** "Open Sharded Run…": the shards that a cluster writes into a folder are one run that grows in its panel. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import { browseItem, pickPath, type PathItem } from '../inputs/pick-path.js';
import { canonicalPath, type Run } from '../run/run.js';
import type { Runs } from '../run/runs.js';
import type { JobFollower } from './follow-job.js';
import type { JobRequest, MineOutcome, MiningJobs } from './mining-jobs.js';

/** Arguments of `ohemLens.openShardedRun` for other extensions, tasks and tests. */
export interface ShardsArguments {
  readonly folder: string;
  /** Path of the run file; default: `FOLDER.ohem` beside the folder. */
  readonly out?: string;
  /** The data set, where it is not where the shards found it. */
  readonly data?: string;
}

export class ShardsCommand {
  constructor(
    private readonly runs: Runs,
    private readonly jobs: MiningJobs,
    private readonly follower: JobFollower,
  ) {}

  /**
   * Follows the shards of a folder, from arguments or after asking, until all are whole and merged.
   * @param at a folder that need not be asked for.
   * @returns how it ended; undefined where it never began.
   * @throws MiningError 'options'
   */
  async run(given?: Partial<ShardsArguments>, at?: string): Promise<MineOutcome | undefined> {
    const folder = given === undefined ? (at ?? (await this.#askFolder())) : given.folder;
    if (folder === undefined && given === undefined) return undefined;
    if (typeof folder !== 'string' || folder === '')
      throw new MiningError('options', 'folder', 'a path', show(given?.folder));
    const request = shardsRequest({ ...given, folder });
    const under = this.jobs.of(request.outPath);
    if (under === undefined) return this.follower.follow(this.jobs.start(request));
    await vscode.commands.executeCommand('ohemLens.openRun', request.outPath);
    return under.done;
  }

  /** Goes on following the shards that a run was made of; undefined: of none. */
  resume({ manifest, path }: Run): Promise<MineOutcome | undefined> | undefined {
    const { shardsIn } = manifest.dataset;
    return shardsIn === undefined ? undefined : this.run({ folder: shardsIn, out: path });
  }

  async #askFolder(): Promise<string | undefined> {
    const items = this.runs.paths().then((paths) => [...new Set(paths.map((path) => dirname(path)))].map(folderItem));
    return pickPath(
      [browseItem(false)],
      items.then((found) => [...found, browseItem(false)]),
      {
        title: vscode.l10n.t('Open Sharded Run: Folder'),
        placeHolder: vscode.l10n.t('The folder into which the jobs of “ohem mine --shard” write'),
        browse: { canSelectFiles: false, canSelectFolders: true },
      },
    );
  }
}

function folderItem(path: string): PathItem {
  return { label: `$(folder) ${basename(path)}`, description: path, path };
}

function shardsRequest({ folder, out, data }: ShardsArguments): JobRequest {
  const outPath = canonicalPath(out ?? `${canonicalPath(folder)}.ohem`);
  const options = { folder: canonicalPath(folder), outPath, ...(data !== undefined && { datasetPath: data }) };
  return { kind: 'shards', outPath, resume: true, work: (engine, stop) => engine.call('followShards', options, stop) };
}
