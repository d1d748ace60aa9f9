/** The configuration of `ohem train`: YAML, every key checked, docs/training.md. */
import { dirname, resolve } from 'node:path';
import type * as v from 'valibot';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { resolveConfig } from '../../core/mining/select.js';
import { OPTION_KEYS } from '../../core/mining/mining-options.js';
import { check } from '../../protocol/check.js';
import { trainConfig } from '../../protocol/train-config.js';
import { parseYaml } from '../../files/parse-yaml.js';
import { readText } from '../../files/reading.js';

/** Far more than a person writes; YAML is slow to read, bytes. */
const MAX_YAML_BYTES = 1 << 18;

/** A checked configuration; paths are absolute. */
export type TrainConfig = Omit<v.InferOutput<typeof trainConfig>, 'sampler'> & { readonly mining: MiningConfig };
export type DatasetConfig = TrainConfig['data'];

/**
 * Reads a configuration; relative paths in it start at its folder.
 * @throws MiningError 'options' that names the first key that does not fit.
 */
export async function readTrainConfig(file: string): Promise<TrainConfig> {
  const path = resolve(file);
  const text = await readText(path, MAX_YAML_BYTES).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const received = isMissing ? 'no such file' : phraseOf(error);
    throw new MiningError('options', '--config', 'a YAML file', received, { file: path });
  });
  return checkTrainConfig(yamlOf(text, path), path);
}

function yamlOf(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new MiningError(
      'options',
      '--config',
      'YAML',
      error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      { file },
    );
  }
}

/**
 * Checks a parsed configuration.
 * @param file where it stood, absolute.
 * @throws MiningError 'options' that names the first key that does not fit.
 */
export function checkTrainConfig(value: unknown, file: string): TrainConfig {
  const { sampler, ...config } = check(trainConfig, value, 'configuration', file);
  if (config.keepPooled && !config.frozenBody)
    throw new MiningError('options', 'keepPooled', 'frozenBody: true beside it', 'a body that learns', { file });
  const at = (path: string) => resolve(dirname(file), path);
  const placed = (set: DatasetConfig): DatasetConfig => ({
    ...set,
    path: at(set.path),
    ...(set.images === undefined ? {} : { images: at(set.images) }),
    ...(set.proposals === undefined ? {} : { proposals: at(set.proposals) }),
  });
  return {
    ...config,
    data: placed(config.data),
    ...(config.validation === undefined ? {} : { validation: placed(config.validation) }),
    ...(config.init === undefined ? {} : { init: at(config.init) }),
    out: at(config.out),
    mining: miningOf(sampler, config.imagesPerBatch, file),
  };
}

/** Options of the sampler are those of mining, by the names of the list; images a minibatch have their own place. */
function miningOf(
  { preset, ...options }: { readonly preset: MiningConfig['preset'] } & Record<string, unknown>,
  imagesPerBatch: number,
  file: string,
): MiningConfig {
  const unknown = Object.keys(options).find(
    (key) => key === 'imagesPerBatch' || !OPTION_KEYS.some((known) => known === key),
  );
  if (unknown !== undefined) {
    const known = OPTION_KEYS.filter((key) => key !== 'imagesPerBatch').join(', ');
    throw new MiningError('options', `sampler.${unknown}`, said`one of preset, ${known}`, 'an unknown key', { file });
  }
  return resolveConfig(preset, { ...options, imagesPerBatch });
}
