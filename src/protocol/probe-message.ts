/** The one message of the throw-away process `worker.mjs --probe ID`; kept verdicts have the same form. */
import * as v from 'valibot';
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import { phrase } from './check.js';

export const probeMessage: v.GenericSchema<BackendVerdict> = v.object({
  id: v.string(),
  title: v.string(),
  formats: v.array(v.string()),
  runs: v.boolean(),
  version: v.string(),
  device: v.string(),
  reason: phrase,
  noDevice: v.exactOptional(v.boolean()),
  speed: v.number(),
});
