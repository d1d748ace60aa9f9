/** A download that goes on where it stopped and is checked before it gets its name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { asSaid, said } from '../../core/said.js';
import { reasonOf, Refusal } from '../failure.js';
import { renameSoon } from '../../files/replacing.js';

export interface Download {
  readonly url: string;
  /** Absolute path of the file; a file that is there already is only checked. */
  readonly path: string;
  /** `sha512-…` in base64, as npm writes it; null: the server's own MD5 is taken where it sends one. */
  readonly integrity: string | null;
  readonly bytes: (received: number, total: number) => void;
  readonly signal: AbortSignal;
  /** No byte for so long ends it, ms. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 60_000;

/**
 * Downloads to `PATH.part`, which stays where it fails: the next call asks for the rest.
 * @throws Error with the reason: the network's, the server's status, another size or hash than expected (the part is
 * then taken away).
 */
export async function download({ path, integrity, ...how }: Download): Promise<void> {
  const part = `${path}.part`;
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  const sums = there ? null : await fetchInto(part, how);
  const from = there ? path : part;
  const [name, expected] = expectedHash(integrity, sums);
  if (name !== null) {
    const received = await hashOf(from, name);
    if (received !== expected) {
      await rm(from, { force: true });
      throw new Refusal(said`${how.url}: expected ${name} ${expected}, received ${received}; the file was taken away`);
    }
  }
  if (!there) await renameSoon(part, path);
  await rm(tagOf(part), { force: true });
}

function expectedHash(integrity: string | null, sums: string | null): [string, string] | [null, null] {
  if (integrity !== null) return ['sha512', integrity.replace(/^sha512-/, '')];
  const md5 = /md5=([\w+/=]+)/.exec(sums ?? '')?.[1];
  return md5 === undefined ? [null, null] : ['md5', md5];
}

async function hashOf(path: string, name: string): Promise<string> {
  const hash = createHash(name);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}

const tagOf = (part: string) => `${part}.tag`;

/** @returns the header with the server's hashes (Google's storage: `crc32c=…, md5=…`); null none. */
async function fetchInto(
  part: string,
  { url, bytes, signal, silenceMs = SILENCE_MS }: Omit<Download, 'path' | 'integrity'>,
): Promise<string | null> {
  const silence = new AbortController();
  const stop = AbortSignal.any([signal, silence.signal]);
  const late = () => silence.abort(new Refusal(said`no answer for ${Math.round(silenceMs / 1000)} s`));
  let timer = setTimeout(late, silenceMs);
  try {
    const had = await stat(part).then(
      ({ size }) => size,
      () => 0,
    );
    const tag = await readFile(tagOf(part), 'utf8').catch(() => '');
    // Without the server's mark nobody knows whether the file is still the same.
    const range: Record<string, string> = had > 0 && tag !== '' ? { range: `bytes=${had}-`, 'if-range': tag } : {};
    const response = await fetch(url, { headers: range, signal: stop, redirect: 'follow' });
    const start = response.status === 206 ? had : 0;
    if (response.status === 416) await rm(part, { force: true });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    await writeFile(tagOf(part), response.headers.get('etag') ?? response.headers.get('last-modified') ?? '');
    const length = Number(response.headers.get('content-length') ?? 0);
    const total = length > 0 ? start + length : 0;
    const received = await append(part, start, response.body, (so) => {
      clearTimeout(timer);
      timer = setTimeout(late, silenceMs);
      bytes(so, total);
    });
    if (total > 0 && received !== total) throw new Refusal(said`expected ${total} bytes, received ${received}`);
    return response.headers.get('x-goog-hash');
  } catch (error) {
    const reason = silence.signal.aborted ? silence.signal.reason : error;
    throw new Refusal(said`${url}: ${asSaid(reasonOf(causeOf(reason)))}`);
  } finally {
    clearTimeout(timer);
  }
}

async function append(
  part: string,
  start: number,
  body: ReadableStream<Uint8Array>,
  tell: (received: number) => void,
): Promise<number> {
  const handle = await open(part, start === 0 ? 'w' : 'r+');
  let received = start;
  try {
    const reader = body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await handle.write(next.value, 0, next.value.byteLength, received);
      received += next.value.byteLength;
      tell(received);
    }
  } finally {
    await handle.close();
  }
  return received;
}

/** `fetch failed` alone says nothing; its cause does. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error && error.cause instanceof Error)) return error;
  return new Error(`${error.message}: ${error.cause.message}`);
}
