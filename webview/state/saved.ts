/** What survives a tab switch and a reload (`setState`). Read with suspicion: an older version may have written it. */
import * as v from 'valibot';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { DEFAULT_CONFIG } from '../../src/core/mining/mining-options.js';
import { NONE } from '../../src/core/tables.js';
import { miningConfig } from '../../src/protocol/mining-config.js';
import { shownImageIndex, type PanelModel } from './model.js';

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const viewport = v.object({
  scale: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  x: v.pipe(v.number(), v.finite()),
  y: v.pipe(v.number(), v.finite()),
});

/** Parts that are wrong fall back to their first value; of another version nothing is taken. */
const SAVED = v.object({
  version: v.literal(2),
  /** `createdAt` of the run: what follows but for the choices says nothing about another. */
  run: v.string(),
  imageIndex: index,
  mining: v.fallback(miningConfig, DEFAULT_CONFIG),
  zoomed: v.fallback(v.nullable(viewport), null),
  focused: v.fallback(index, NONE),
  /** As `Choices.save` gives them; each is checked where it is asked for. */
  choices: v.fallback(v.record(v.string(), v.unknown()), {}),
});
export type SavedState = Readonly<v.InferOutput<typeof SAVED>>;

/** The present state; null before there is an image. Reads signals: an effect around it follows every change. */
export function stateOf(model: PanelModel): SavedState | null {
  const [image, manifest] = [model.image.value, model.manifest.value];
  if (image === null || manifest === null) return null;
  return {
    version: 2,
    run: manifest.createdAt,
    imageIndex: Math.max(shownImageIndex(model), 0),
    mining: model.mining.value,
    zoomed: model.zoomed.value,
    focused: model.focused.value,
    choices: model.choices.save(),
  };
}

/** True where a saved state is of this run. */
export function sameRun(saved: SavedState | null, manifest: RunManifest | null): saved is SavedState {
  return saved !== null && saved.run === manifest?.createdAt;
}

/** Reads a saved state; null for anything of another shape or version. */
export function readSaved(value: unknown): SavedState | null {
  const read = v.safeParse(SAVED, value);
  return read.success ? read.output : null;
}
