import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import type { Backend } from '../../../../src/engine/engine.js';
import { probeBackends } from '../../../../src/engine/registry.js';
import { verdictOn } from '../../../../src/engine/probe/verdicts.js';

/** Answers `--probe ID` as its name says; leaves a line in `log` each time. */
const SCRIPT = `
import { appendFileSync } from 'node:fs';
const id = process.argv[3];
const verdict = { id, title: id, formats: ['onnx'], version: '', device: '', reason: '' };
const missing = 'libcudnn.so.9: cannot open shared object file: No such file';
appendFileSync(new URL('log', import.meta.url), id + '\\n');
if (id === 'aborts') { process.stderr.write('fatal: wrong driver\\n'); process.abort(); }
else if (id === 'leaves') process.exit(3);
else if (id === 'lacks') {
  process.stderr.write('[E:ort] Failed to load /x/libprovider.so with error: ' + missing + '\\n');
  process.send({ ...verdict, runs: false, reason: 'Failed to load shared library', speed: 0 });
}
else if (id === 'hangs') setInterval(() => undefined, 1000);
else process.send({ ...verdict, runs: true, version: '1.2.3', device: 'CPU', speed: 7 });
`;
let folder = '';
let script = '';
let cache = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-verdicts-'));
  script = join(folder, 'probe.mjs');
  await writeFile(script, SCRIPT);
});
beforeEach(async () => {
  cache = await mkdtemp(join(folder, 'cache-'));
  await writeFile(join(folder, 'log'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fake = (id: string, stamp?: () => Promise<string>): Backend => ({
  id,
  title: id,
  summary: '',
  needs: '',
  formats: ['onnx'],
  start: () => Promise.reject(new Error('started in this process')),
  ...(stamp === undefined ? {} : { stamp }),
});
const numProbes = async () => (await readFile(join(folder, 'log'), 'utf8')).split('\n').length - 1;

describe('verdictOn', () => {
  it('takes the answer of the throw-away process', async () => {
    expect(await verdictOn(fake('good'), { script, cache })).toMatchObject({ runs: true, version: '1.2.3', speed: 7 });
  });

  it('makes an abort, an exit and silence a reason, and the next backends still get theirs', async () => {
    const backends = ['aborts', 'leaves', 'good'].map((id) => fake(id));
    const [aborts, leaves, good] = await probeBackends({ script, cache }, backends);
    expect(inWords(aborts.reason)).toBe('loading it ended the process (SIGABRT): fatal: wrong driver');
    expect(inWords(leaves.reason)).toBe('loading it ended the process (exit code 3)');
    expect(good.runs).toBe(true);
    const hangs = await verdictOn(fake('hangs'), { script, cache, limitMs: 1000 });
    expect([hangs.runs, inWords(hangs.reason)]).toEqual([false, 'no answer within 1 s']);
  });

  it('names the library that is missing where only the linker said so', async () => {
    expect(inWords((await verdictOn(fake('lacks'), { script, cache })).reason)).toBe(
      'Failed to load shared library (no libcudnn.so.9)',
    );
  });

  it('keeps a verdict until the stamp changes or somebody looks again', async () => {
    let stamp = 'driver 1';
    const backend = fake('good', async () => stamp);
    const first = await verdictOn(backend, { script, cache });
    expect(await verdictOn(backend, { script, cache })).toEqual(first);
    expect(await numProbes()).toBe(1);
    stamp = 'driver 2';
    await verdictOn(backend, { script, cache });
    expect(await numProbes()).toBe(2);
    await verdictOn(backend, { script, cache, refresh: true });
    expect(await numProbes()).toBe(3);
  });

  it('tries again where a signal ended the process, and remembers an exit', async () => {
    for (const id of ['aborts', 'aborts', 'leaves', 'leaves']) await verdictOn(fake(id), { script, cache });
    expect(await numProbes()).toBe(3);
  });

  it('needs no process where there is nothing to load', async () => {
    const verdict = await verdictOn(
      fake('good', () => Promise.reject(new Error('not set up'))),
      { script, cache },
    );
    expect(verdict).toMatchObject({ runs: false, reason: 'not set up' });
    expect(await numProbes()).toBe(0);
  });

  it('does without a cache that is broken or cannot be written', async () => {
    await writeFile(join(cache, 'backends.json'), '{"verdicts": 7');
    expect((await verdictOn(fake('good'), { script, cache })).runs).toBe(true);
    expect((await verdictOn(fake('good'), { script, cache: join(script, 'no-folder') })).runs).toBe(true);
  });
});
