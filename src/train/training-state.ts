/**
 * Everything that a stopped training needs to go on as if it had not stopped, in one file: a line of JSON, then float32
 * numbers (weights, then momentum) and bootstrap's cache. The order of images and all draws follow from seed and step.
 */
import * as tf from '@tensorflow/tfjs-core';
import { open, stat } from 'node:fs/promises';
import { MiningError, phraseOf } from '../core/mining-error.js';
import { said } from '../core/said.js';
import { replaceFile } from '../files/replacing.js';
import type { Training } from './trainer.js';
import { syncReadOnlyHead } from './network/roi-heads.js';
import { readRegular } from '../files/reading.js';

const FORMAT = 1;

/** Of the header, whose first key it is. */
const BEGINNING = `{"ohemTrainingState":${FORMAT},`;

interface StateHeader {
  readonly ohemTrainingState: number;
  readonly step: number;
  /** What the caller wants to find the same when it goes on. */
  readonly fingerprint: string;
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly cached: readonly number[][];
}

/** Writes the state; the file appears whole or not at all. */
export async function saveState(file: string, training: Training, fingerprint: string): Promise<void> {
  const values = tensorsOf(training).map((tensor) => tensor.dataSync() as Float32Array);
  const { rounds } = training;
  const cached =
    rounds === null
      ? []
      : [rounds.cache.imageIndex, rounds.cache.roi, rounds.cache.classId, rounds.cache.score].map((column) => [
          ...column,
        ]);
  const header: StateHeader = {
    ohemTrainingState: FORMAT,
    step: training.step,
    fingerprint,
    sizes: values.map(({ length }) => length),
    rounds: rounds?.numRounds ?? 0,
    cached,
  };
  const bytes = values.map((value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  await replaceFile({ path: file, force: true }, async (handle) => {
    await handle.writeFile(`${JSON.stringify(header)}\n`);
    await handle.writeFile(Buffer.concat(bytes));
  });
}

/** Does the file begin as a state does? false where there is none. */
export async function isState(file: string): Promise<boolean> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) return false;
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(BEGINNING.length), 0, BEGINNING.length, 0);
    return buffer.toString('utf8', 0, bytesRead) === BEGINNING;
  } finally {
    await handle.close();
  }
}

/**
 * Brings a training to where the file's stood.
 * @throws MiningError 'checkpoint' where the file cannot be read, or belongs to another training.
 */
export async function loadState(file: string, training: Training, fingerprint: string): Promise<void> {
  const bytes = await readRegular(file).catch((error: unknown) => {
    throw new MiningError('checkpoint', 'resume', 'the state of a training', phraseOf(error), { file });
  });
  const end = bytes.indexOf(10);
  const header = headerOf(bytes.subarray(0, Math.max(0, end)), file);
  if (header.fingerprint !== fingerprint) {
    throw new MiningError(
      'checkpoint',
      'resume',
      'the configuration and images that the training began with',
      'others',
      { file, todo: 'Undo the change, or start a new output folder' },
    );
  }
  const tensors = tensorsOf(training);
  const expected = tensors.reduce((sum, { size }) => sum + size * 4, 0);
  if (header.sizes.length !== tensors.length || bytes.length - end - 1 !== expected) {
    throw new MiningError('checkpoint', 'resume', said`${expected} bytes of weights`, `${bytes.length - end - 1}`, {
      file,
    });
  }
  const numbers = new Float32Array(Uint8Array.from(bytes.subarray(end + 1)).buffer);
  let at = 0;
  for (const variable of tensors) {
    const value = tf.tensor(numbers.slice(at, at + variable.size), variable.shape);
    variable.assign(value);
    value.dispose();
    at += variable.size;
  }
  syncReadOnlyHead(training.heads);
  training.step = header.step;
  restoreRounds(training, header);
}

function headerOf(line: Uint8Array, file: string): StateHeader {
  try {
    const header = JSON.parse(Buffer.from(line).toString('utf8')) as StateHeader;
    if (header.ohemTrainingState === FORMAT) return header;
  } catch {
    // Told below.
  }
  throw new MiningError('checkpoint', 'resume', said`the state of a training, format ${FORMAT}`, 'something else', {
    file,
  });
}

function restoreRounds(
  { rounds }: Training,
  { cached: [imageIndex = [], roi = [], classId = [], score = []], rounds: numRounds }: StateHeader,
): void {
  rounds?.restore(
    {
      imageIndex: Int32Array.from(imageIndex),
      roi: Int32Array.from(roi),
      classId: Int16Array.from(classId),
      score: Float32Array.from(score),
    },
    numRounds,
  );
}

/** Weights of body and head, statistics of normalisations included, then the momentum. */
function tensorsOf({ network, sgd }: Training): tf.Variable[] {
  const weights = [...network.body.weights, ...network.head.weights].map((weight) => weight.read() as tf.Variable);
  return [...weights, ...sgd.velocities()];
}
