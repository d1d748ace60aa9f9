/** Where a run is written: one process has its name, and an old run of that name stays until the new one is done. */
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { lockFile } from '../../files/lock.js';
import type { Lock } from '../../files/lock.js';
import { checkTarget, statOf } from '../../files/target.js';
import type { Target } from '../../files/target.js';
import { runFileError } from './run-file-error.js';
import { isUnbegun, scanRun } from './run-scan.js';
import { createRun, resumeRun } from './run-writer.js';
import type { RunWriter } from './run-writer.js';

/** Behind the name of a run: the one that is to replace it, while it grows. */
export const GROWING = '.part';

const TODO = 'Resume it, overwrite it, or choose another name';

/** Is there a run at `outPath`, or one that is to replace it? A job that is started again asks. */
export async function isBegun(outPath: string): Promise<boolean> {
  return (await statOf(outPath)) !== null || (await statOf(outPath + GROWING)) !== null;
}

export interface RunPlace extends Pick<Target, 'inputs' | 'inputFolders'> {
  readonly outPath: string;
  /** Replace an `outPath` that exists. */
  readonly force: boolean;
  /** Go on with the run at `outPath`, or with the one that was to replace it. */
  readonly resume: boolean;
}

export class RunOutput {
  #finished = false;
  #isBeside: boolean;

  private constructor(
    /** Name of the run in the end, as it was given. */
    readonly outPath: string,
    /** The same without links. */
    readonly path: string,
    isBeside: boolean,
    private readonly lock: Lock,
  ) {
    this.#isBeside = isBeside;
  }

  /** The run grows beside the one that it replaces. */
  get isBeside(): boolean {
    return this.#isBeside;
  }

  /** Where the run grows. */
  get growsAt(): string {
    return this.#isBeside ? this.path + GROWING : this.outPath;
  }

  /**
   * Takes the place before anything is opened for nothing; nothing is written.
   * @throws MiningError 'run-file' when the place is another process's, one of the inputs, no regular file,
   * or there is a run and neither `force` nor `resume`.
   */
  static async claim(place: RunPlace): Promise<RunOutput> {
    return RunOutput.#take(place).catch((error: unknown) => {
      if (!(error instanceof MiningError)) throw error;
      throw new MiningError('run-file', 'create', error.expected, error.received, error.hint);
    });
  }

  static async #take(place: RunPlace): Promise<RunOutput> {
    const { outPath, force, resume, inputs = [], inputFolders = [] } = place;
    const checked = { inputs, inputFolders, force: force || resume, todo: TODO };
    const path = await checkTarget({ ...checked, path: outPath });
    const part = await checkTarget({ ...checked, path: path + GROWING });
    const lock = await lockFile(path);
    try {
      const [old, growing] = [await statOf(path), await statOf(part)];
      if (growing !== null) await checkRun(part);
      if (resume) return new RunOutput(outPath, path, growing !== null, lock);
      if (force && old === null && growing !== null) await rm(part);
      return new RunOutput(outPath, path, old !== null, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * What the run that is to be resumed says of itself, or the one that it is to replace; null where its first bytes are
   * missing: it begins anew.
   */
  async manifest(file = this.growsAt): Promise<RunManifest | null> {
    const handle = await openFile(file);
    try {
      return (await isUnbegun(handle)) ? null : (await scanRun(handle, this.growsAt, false)).manifest;
    } catch (error) {
      throw runFileError(error, file, 'open', 'a file that can be read');
    } finally {
      await handle.close();
    }
  }

  /** @throws MiningError 'run-file' */
  async create(manifest: RunManifest): Promise<RunWriter> {
    if (this.#isBeside) await rm(this.growsAt, { force: true });
    return createRun(this.growsAt, manifest);
  }

  /**
   * What a data set is made of is known late. @throws MiningError 'options' where the run would replace one of these
   * files.
   */
  async refuseInputs(files: readonly string[]): Promise<void> {
    // Run.ohem is run.ohem on some file systems; which file it is decides.
    const name = basename(this.path).toLowerCase();
    const inputs = files.filter((file) => basename(file).toLowerCase() === name);
    if (inputs.length > 0) await checkTarget({ path: this.path, force: true, inputs });
  }

  /** @throws MiningError 'run-file' as `resumeRun` */
  resume(manifest: RunManifest, imagesPerBatch: number): Promise<RunWriter> {
    return resumeRun(this.growsAt, manifest, imagesPerBatch);
  }

  /** Ends the run, whole or stopped; a whole one takes its name. @throws MiningError as `RunWriter.finish` */
  async finish(writer: RunWriter, isWhole: boolean): Promise<void> {
    await writer.finish(isWhole && this.#isBeside ? this.path : undefined);
    this.#finished = isWhole;
  }

  /**
   * An unfinished run beside, which was to replace this one, is not thrown away for a part of this one; what a killed
   * renewal of it left is.
   * @throws MiningError 'run-file'
   */
  async refuseOther({ createdAt }: RunManifest): Promise<void> {
    if ((await statOf(this.growsAt)) === null || (await this.manifest())?.createdAt === createdAt) return;
    const todo = 'Mine it to its end, or delete it';
    const received = 'an unfinished run that is to replace this one';
    throw new MiningError('run-file', 'mine anew', 'no other run beside', received, { file: this.growsAt, todo });
  }

  /** Removes what has been written of a run that was to replace another: that one is the run again. */
  async discard(): Promise<void> {
    if (!this.isLeftBeside) return;
    await rm(this.growsAt, { force: true });
    this.#isBeside = false;
  }

  /** What is created next replaces the run that has the name, when it is whole. */
  async replaceWhatIsThere(): Promise<void> {
    this.#isBeside = (await statOf(this.path)) !== null;
    this.#finished = false;
  }

  /** A run beside the one that it was to replace. */
  get isLeftBeside(): boolean {
    return this.#isBeside && !this.#finished;
  }

  release(): void {
    this.lock.release();
  }
}

/** Somebody else's file may have such a name. @throws MiningError 'run-file' */
async function checkRun(path: string): Promise<void> {
  const handle = await openFile(path);
  try {
    if (!(await isUnbegun(handle))) await scanRun(handle, path, false);
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    const todo = 'Move it away, or choose another name';
    throw new MiningError('run-file', 'create', 'an unfinished run, or no file', 'another file', { file: path, todo });
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: unknown) => {
    throw runFileError(error, path, 'open', 'a file that can be read');
  });
}
