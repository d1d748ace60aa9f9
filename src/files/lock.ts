/**
 * One writer a file, on one machine. The lock is a local socket that the writer listens on: the system closes it with
 * the process, whatever ends that, so none is ever stale, and a process that computes for minutes keeps its own. A lock
 * file with a time stamp, as proper-lockfile writes, would be taken from such a process and would block the first
 * seconds after a kill (docs/adr/0021).
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { MiningError } from '../core/mining-error.js';
import { identityOf, statOf } from './target.js';

export interface Lock {
  /** Lets another writer in. */
  release(): void;
}

/**
 * Locks a name in a folder; a file of that name need not exist.
 * @param path absolute, without links.
 * @throws MiningError 'options' while another writer has it.
 */
export async function lockFile(path: string): Promise<Lock> {
  const address = await addressOf(path);
  const server =
    (await listen(address)) ?? ((await isDead(address)) ? await rm(address).then(() => listen(address)) : null);
  if (server === null) {
    const todo = 'Wait until it has ended';
    throw new MiningError('options', 'output', 'a file that nobody writes', 'one that another process writes', {
      file: path,
      todo,
      reason: 'temporary',
    });
  }
  return { release: () => server.close() };
}

/** The same for all spellings of a name: on Linux and Windows no file, elsewhere a socket in the temporary folder. */
async function addressOf(path: string): Promise<string> {
  const folder = await statOf(dirname(path));
  const name = `${folder === null ? '' : identityOf(folder)} ${lockName(basename(path))}`;
  const key = createHash('sha256').update(name).digest('hex').slice(0, 32);
  if (process.platform === 'linux') return `\0ohem-${key}`;
  return process.platform === 'win32' ? `\\\\?\\pipe\\ohem-${key}` : join(tmpdir(), `ohem-${key}.sock`);
}

/** Names that one file can have: Windows and macOS mostly make none of case, macOS none of composed letters. */
export function lockName(name: string, platform = process.platform): string {
  return platform === 'win32' || platform === 'darwin' ? name.normalize('NFC').toLowerCase() : name;
}

/** null where somebody listens there. */
function listen(address: string): Promise<Server | null> {
  const server = createServer((peer) => peer.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

/** A socket file outlives its process: nobody answers then. */
function isDead(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect(address, () => {
      peer.destroy();
      resolve(false);
    });
    peer.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
