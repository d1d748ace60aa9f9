// Preloaded with --import: ends the process by SIGKILL at its n-th call that changes a file below a folder. No native
// library here writes files, so these calls of Node.js are all that there are. Told by the environment:
//   OHEM_DIE_FOLDER  calls elsewhere are not counted
//   OHEM_DIE_AT      the call, from 0; none: no kill, the calls are only listed
//   OHEM_DIE_HALF    1: half of what the call would do is done first
//   OHEM_DIE_LIST    gets the calls that were made, the last one first begun and not done: JSON, [{ call, file }]
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const { OHEM_DIE_FOLDER: folder, OHEM_DIE_AT: at, OHEM_DIE_HALF: half, OHEM_DIE_LIST: list } = process.env;
const { appendFileSync, readdirSync, statSync, unlinkSync, writeFileSync, writeSync } = fs;

/** Calls that take the file's name first. */
const BY_NAME = 'appendFile chmod copyFile link mkdir rename rm rmdir symlink truncate unlink utimes writeFile'.split(
  ' ',
);
/** Calls of an open file. */
const BY_HANDLE = 'appendFile chmod datasync sync truncate write writeFile'.split(' ');
const WRITES = fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT;

const calls = [];
/** Names of the files that are open. */
const names = new WeakMap();

/** Notes a call; ends the process where it is the one. */
function step(call, file, doHalf) {
  const place = path.relative(folder, path.resolve(String(file)));
  if (place.startsWith('..') || path.isAbsolute(place)) return;
  calls.push({ call, file: place });
  if (at === undefined || calls.length - 1 !== Number(at)) return;
  if (half === '1') doHalf?.();
  writeFileSync(list, JSON.stringify(calls));
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function firstHalf(data) {
  const bytes = Buffer.from(data);
  return bytes.subarray(0, bytes.length >> 1);
}

/** What half of a call leaves; undefined: it is done or not. */
function halfByName(call, [file, data]) {
  if (call === 'appendFile') return () => appendFileSync(file, firstHalf(data));
  if (call === 'writeFile') return () => writeFileSync(file, firstHalf(data));
  if (call !== 'rm' || !statSync(file, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const files = readdirSync(file, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const some = files.slice(0, Math.ceil(files.length / 2));
  return () => some.forEach((entry) => unlinkSync(path.join(entry.parentPath ?? entry.path, entry.name)));
}

function halfByHandle(call, { fd }, [data, offset = 0, length = data?.length - offset, position = null]) {
  if (call === 'write') return () => writeSync(fd, data, offset, length >> 1, position);
  return call === 'writeFile' || call === 'appendFile' ? () => writeSync(fd, firstHalf(data)) : undefined;
}

function isForWriting(flags = 'r') {
  return typeof flags === 'number' ? (flags & WRITES) !== 0 : flags !== 'r';
}

for (const [host, suffix] of [
  [fs, ''],
  [fs, 'Sync'],
  [fs.promises, ''],
]) {
  for (const call of BY_NAME) {
    const original = host[call + suffix];
    host[call + suffix] = (...args) => {
      step(call, args[0], halfByName(call, args));
      return original.apply(host, args);
    };
  }
}

const { open } = fs.promises;
let isWrapped = false;
fs.promises.open = async (file, flags, mode) => {
  if (isForWriting(flags)) step('open', file);
  const handle = await open(file, flags, mode);
  names.set(handle, file);
  if (!isWrapped) wrapHandles(Object.getPrototypeOf(handle));
  return handle;
};

function wrapHandles(prototype) {
  isWrapped = true;
  for (const call of BY_HANDLE) {
    const original = prototype[call];
    prototype[call] = function (...args) {
      step(call, names.get(this) ?? '', halfByHandle(call, this, args));
      return original.apply(this, args);
    };
  }
}

syncBuiltinESMExports();
process.on('exit', () => {
  if (calls.length > 0) writeFileSync(list, JSON.stringify(calls));
});
