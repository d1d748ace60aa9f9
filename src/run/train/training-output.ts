/**
 * The folder of a training. What belongs together is written into a folder of its own, which becomes `.ohem-ready` in
 * one step; its files then take their places. A kill before that step leaves everything as it was, one after it leaves
 * what the next `ohem train` finishes (docs/adr/0021).
 */
import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { MAX_BYTES, readText } from '../../files/reading.js';
import { renameSoon, replaceFile, syncFolder } from '../../files/replacing.js';
import { checkTarget, statOf } from '../../files/target.js';
import {
  CHECKPOINT_FOLDER,
  IMAGES_FILE,
  LOG_FILE,
  NEXT_FOLDER,
  READY_FOLDER,
  STATE_FILE,
  WRITER_FILE,
  writerNamed,
} from '../../protocol/training-folder.js';
import { isState } from '../../train/training-state.js';
import type { TrainConfig } from './train-config.js';

/** Without it a checkpoint's folder is none. */
const CONTRACT = join(CHECKPOINT_FOLDER, 'ohem.json');

/**
 * May a training write into `config.out`? Nothing is written.
 * @throws MiningError 'options' where the folder holds a training and neither flag is given, or files of a training's
 * names that no training has made; where there is nothing to resume; where it would replace what it reads.
 */
export async function checkOut(
  config: TrainConfig,
  { resume, force }: { readonly resume: boolean; readonly force: boolean },
): Promise<void> {
  const { out } = config;
  if (resume && force) throw new MiningError('options', '--resume', 'one of --resume and --force', 'both');
  const exists = await hasTraining(out);
  if (exists && !resume && !force)
    throw new MiningError('options', 'out', 'a folder without a training', 'one with', {
      file: out,
      todo: 'Go on with --resume, or replace it with --force',
    });
  await refuseOthers(out, exists);
  if (!exists && resume)
    throw new MiningError('options', '--resume', 'a training to go on with', said`no ${STATE_FILE}`, { file: out });
  await refuseInputs(config);
}

/** A state that can be gone on from; a training that was killed in its first epoch has none. */
async function hasTraining(out: string): Promise<boolean> {
  return (await isState(join(out, STATE_FILE))) || (await isState(join(out, READY_FOLDER, STATE_FILE)));
}

/** A training's names may be somebody else's. */
async function refuseOthers(out: string, hasOwn: boolean): Promise<void> {
  const own = hasOwn || (await statOf(join(out, NEXT_FOLDER))) !== null;
  for (const name of [...(own ? [] : [CHECKPOINT_FOLDER, LOG_FILE, IMAGES_FILE, STATE_FILE]), WRITER_FILE]) {
    if ((await statOf(join(out, name))) === null) continue;
    if (name === WRITER_FILE && (await writerNamed(out)) !== null) continue;
    const received = said`a ${name} that no training has made`;
    const todo = 'Choose another folder';
    throw new MiningError('options', 'out', 'a new folder, or the one of a training', received, { file: out, todo });
  }
}

async function refuseInputs({ out, init, data, validation }: TrainConfig): Promise<void> {
  const inputs = [data, validation].flatMap((set) => [set?.path, set?.proposals]).filter((path) => path !== undefined);
  const inputFolders = init === undefined ? [] : [init];
  for (const name of [LOG_FILE, IMAGES_FILE, STATE_FILE, CONTRACT]) {
    const path = join(out, name);
    if ((await statOf(dirname(path))) !== null) await checkTarget({ path, force: true, inputs, inputFolders });
  }
}

/** The files of a training while this process has the folder (`withTrainLock`). */
export class TrainingOutput {
  /** Where the lines are written. */
  #lines: string;

  private constructor(
    private readonly out: string,
    /** There is a training that stays until this one has something to put in its place. */
    isBeside: boolean,
  ) {
    this.#lines = join(out, isBeside ? NEXT_FOLDER : '');
  }

  /** Finishes what a killed process began, and begins anew. */
  static async open(out: string, resume: boolean): Promise<TrainingOutput> {
    await install(out);
    const output = new TrainingOutput(out, !resume && (await hasTraining(out)));
    await rm(output.#next, { recursive: true, force: true });
    await mkdir(output.#next);
    return output;
  }

  get #next(): string {
    return join(this.out, NEXT_FOLDER);
  }

  /** Nothing of this training is in the old one's place yet. */
  get isWaiting(): boolean {
    return this.#lines === this.#next;
  }

  get state(): string {
    return join(this.out, STATE_FILE);
  }

  /** Begins the files of lines, or keeps their lines up to a step: the later ones are made again. */
  async beginLines(step: number): Promise<void> {
    for (const name of [LOG_FILE, IMAGES_FILE]) {
      const path = join(this.#lines, name);
      const text = step === 0 ? '' : await readText(path, MAX_BYTES).catch(() => '');
      const kept = text.split('\n').filter((line) => stepOf(line) <= step);
      await replaceFile({ path, force: true }, (handle) => handle.writeFile(kept.map((line) => `${line}\n`).join('')));
    }
  }

  /** Adds a line. */
  async write(name: typeof LOG_FILE | typeof IMAGES_FILE, line: object): Promise<void> {
    await appendFile(join(this.#lines, name), `${JSON.stringify(line)}\n`);
  }

  /**
   * Puts what `write` writes in place, all of it or nothing.
   * @param write gets a folder, for `state.bin` and `checkpoint/`; what it leaves out stays as it is.
   */
  async save(write: (folder: string) => Promise<void>): Promise<void> {
    await mkdir(this.#next, { recursive: true });
    await write(this.#next);
    await renameSoon(this.#next, join(this.out, READY_FOLDER));
    await syncFolder(this.out);
    await install(this.out);
    this.#lines = this.out;
  }

  /** A training that came to nothing leaves nothing beside an old one. */
  async close(): Promise<void> {
    if (await hasTraining(this.out)) await rm(this.#next, { recursive: true, force: true });
  }
}

/** Moves the files of `.ohem-ready` to their places, the contract last: no half of a checkpoint is ever one. */
async function install(out: string): Promise<void> {
  const ready = join(out, READY_FOLDER);
  const found = await readdir(ready, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ready, join(entry.parentPath, entry.name)));
  if (names.includes(STATE_FILE)) await renameSoon(join(ready, STATE_FILE), join(out, STATE_FILE));
  if (names.includes(CONTRACT)) await rm(join(out, CONTRACT), { force: true });
  const rest = names.filter((name) => name !== STATE_FILE && name !== CONTRACT);
  for (const name of names.includes(CONTRACT) ? [...rest, CONTRACT] : rest) {
    await mkdir(dirname(join(out, name)), { recursive: true });
    await renameSoon(join(ready, name), join(out, name));
  }
  await syncFolder(out);
  await rm(ready, { recursive: true, force: true });
}

/** Infinity for a line that a kill cut short. */
function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as { readonly step: number }).step;
  } catch {
    return Infinity;
  }
}
