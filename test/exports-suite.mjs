// Exports as people's exporters write them, one of each family, held to the frameworks' own decoding
// (test/reference/exports):
//   node test/exports-suite.mjs           where they have been made, or where CI is set; else it says how
//   node test/exports-suite.mjs --make    makes them first: PyTorch and its kin from Python, some minutes, 3 GB
// They stay in ~/.cache/ohem-lens (OHEM_TEST_CACHE: elsewhere; OHEM_EXPORTS: a folder of one's own).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const maker = join(root, '../shared/tools/make_exports.py');
const images = join(root, '../shared/data/coco-cc-train/images');
const PACKAGES =
  'torch==2.9.1 torchvision==0.24.1 ultralytics==8.4.190 transformers==5.24.0 onnx==1.23.2 onnxruntime==1.32.0 ' +
  'onnxscript==0.7.2 timm==1.0.31';
/** One of each exporter and of each way to end a graph. */
const NAMES = [
  'ultralytics-yolov8n',
  'ultralytics-yolo11n-nms',
  'ultralytics-yolov10n-end2end',
  'hf-detr',
  'hf-rtdetr',
  'hf-dfine',
  'hf-yolos',
];

function succeeds(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

function run(...call) {
  if (!succeeds(...call)) process.exit(1);
}

function skip(reason) {
  console.log(`skipped: exports: ${reason}`);
  process.exit(0);
}

/** A folder for each version of what makes them; the mark is written last. */
function madeFolder() {
  if (!existsSync(maker) || !existsSync(images)) skip('../shared is not there');
  const key = createHash('sha256').update(readFileSync(maker)).update(PACKAGES).update(NAMES.join()).digest('hex');
  const cache = process.env.OHEM_TEST_CACHE ?? join(homedir(), '.cache/ohem-lens');
  return join(cache, `exports-${key.slice(0, 12)}`);
}

function make(folder) {
  const venv = join(folder, 'venv');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (!succeeds('python3', ['-m', 'venv', venv])) skip('no python3 with venv');
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES.split(' ')];
  if (!succeeds(python, install)) skip('Python’s registry does not give what makes them');
  run(python, [maker, folder, '--images', images, '--only', NAMES.join()], { YOLO_OFFLINE: 'true' });
  rmSync(venv, { recursive: true, force: true });
  writeFileSync(join(folder, 'made'), '');
}

const folder = process.env.OHEM_EXPORTS ?? madeFolder();
const isMade = () => process.env.OHEM_EXPORTS !== undefined || existsSync(join(folder, 'made'));
if (!isMade() && (process.env.CI !== undefined || process.argv.includes('--make'))) make(folder);
if (!isMade()) skip('none have been made here; `node test/exports-suite.mjs --make` does, in some minutes');
run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/reference/exports'], { OHEM_EXPORTS: folder });
