import { DEFAULT_CONFIG, type MiningConfig, type PresetId } from '../core/mining-options.js';

/** A full configuration: the options' defaults and `changes`. */
export function completeConfig(preset: PresetId, changes: Partial<MiningConfig>): MiningConfig {
  return { ...DEFAULT_CONFIG, ...changes, preset };
}
