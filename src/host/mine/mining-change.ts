/** Re-sorts a run's images by the configuration that a person is trying in its panel. */
import { OPTION_KEYS, checkOption, checkPreset, type MiningConfig } from '../../core/mining/mining-options.js';
import { unpackColumns } from '../../arrow/mined-columns.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Log } from '../base/log.js';
import type { Run } from '../run/run.js';

/** The configuration must rest this long first, ms: panels rest too, but there may be several on one run. */
const REST_MS = 100;

interface Pending {
  mining: MiningConfig;
  timer: NodeJS.Timeout | undefined;
  busy: boolean;
}

export class MiningChanges {
  readonly #pending = new Map<Run, Pending>();

  constructor(
    private readonly engine: EngineService,
    private readonly log: Log,
  ) {}

  /** Takes a wish; the last one wins. A run that still grows keeps its own summaries until it ends. */
  change(run: Run, mining: MiningConfig): void {
    checkConfig(mining);
    const pending = this.#pending.get(run) ?? { mining, timer: undefined, busy: false };
    this.#pending.set(run, pending);
    pending.mining = mining;
    this.#restart(run, pending);
  }

  dispose(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  #restart(run: Run, pending: Pending): void {
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => void this.#settle(run, pending), REST_MS);
  }

  async #settle(run: Run, pending: Pending): Promise<void> {
    if (pending.busy || run.running) return this.#restart(run, pending);
    const { mining } = pending;
    pending.busy = true;
    try {
      await this.#apply(run, mining);
    } catch (error) {
      this.log.showError(error);
    } finally {
      pending.busy = false;
      if (pending.mining === mining) this.#pending.delete(run);
    }
  }

  async #apply(run: Run, mining: MiningConfig): Promise<void> {
    if (sameConfig(mining, run.mining)) return;
    if (sameConfig(mining, run.manifest.mining)) return run.setDerived(run.manifest.mining, null);
    const mined = await this.engine.call('summarise', { runPath: run.path, mining });
    run.setDerived(mining, unpackColumns(mined));
  }
}

/** @throws MiningError 'options' */
function checkConfig(mining: MiningConfig): void {
  checkPreset(mining.preset);
  for (const key of OPTION_KEYS) checkOption(key, mining[key]);
}

function sameConfig(a: MiningConfig, b: MiningConfig): boolean {
  return a.preset === b.preset && OPTION_KEYS.every((key) => a[key] === b[key]);
}
