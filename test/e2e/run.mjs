// A person's first minutes, on the installed vsix in a real VS Code: palette -> mine the sample -> panel -> boxes ->
// controls -> another preset beside it -> next image -> all examples -> reload -> a classifier. Screenshots land in
// out/e2e for eyes.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { walkVsix } from './run-steps.mjs';
import { STEPS } from './steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = join(root, 'out', 'e2e');
await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-e2e-'));
const workspace = join(folder, 'workspace');
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });

await walkVsix('e2e', STEPS, { folder, workspace, shots, script: 'panel.js' });
