import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SetupEvent } from '../../../../src/protocol/setup-messages.js';
import { removeFolder } from '../../../../src/engine/setup/setup-steps.js';
import bindingLock from '../../../../src/engine/tfjs/binding-lock.json';
import { linkBinding, linkedIn } from '../../../../src/engine/tfjs/link-binding.js';

const path = process.env['PATH'];
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-link-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => {
  process.env['PATH'] = path;
});

/** Programs of these names that only leave a line in `calls`; `g++` writes its output file. */
async function fakePrograms(gppWorks: boolean): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const note = `echo "$0 $*" >> '${join(folder, 'calls')}'`;
  const gpp = `${note}\nwhile [ $# -gt 0 ]; do if [ "$1" = -o ]; then touch "$2"; fi; shift; done`;
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${note}\n`);
  await writeFile(
    join(bin, 'g++'),
    `#!/bin/sh\n${gppWorks ? gpp : 'echo "x.cc:1: error: no C++17 here" >&2; exit 1'}\n`,
  );
  for (const name of ['npm', 'g++']) await chmod(join(bin, name), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
}
const numCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length;
const tensorflow = (version = '2.21.0') => ({ folder: '/tf', version, cuda: null });

describe.skipIf(process.platform === 'win32')('linkBinding', () => {
  it('names the step that failed, what to do and where the log is, and goes on from there', async () => {
    const target = join(folder, 'link');
    await fakePrograms(false);
    await expect(linkBinding(tensorflow(), () => undefined, undefined, target)).rejects.toThrow(
      'engine: setup step "binding": expected to succeed, received g++ ended with 1: x.cc:1: error: no C++17 here',
    );
    expect(await readFile(join(target, 'setup.log'), 'utf8')).toContain('error: no C++17 here');
    await fakePrograms(true);
    const said: SetupEvent[] = [];
    await linkBinding(tensorflow(), (event) => said.push(event), undefined, target);
    expect(
      said.flatMap((event) =>
        event.event === 'step' ? [`${event.index + 1}/${event.numSteps} ${event.name} ${event.state}`] : [],
      ),
    ).toEqual(['1/3 packages kept', '2/3 binding begun', '2/3 binding done', '3/3 record begun', '3/3 record done']);
    expect(JSON.parse(await readFile(join(target, 'linked.json'), 'utf8'))).toEqual(tensorflow());
  });

  it('does nothing twice, builds again for another TensorFlow, and is removed without a rest', async () => {
    const target = join(folder, 'link');
    await fakePrograms(true);
    await linkBinding(tensorflow(), () => undefined, undefined, target);
    await linkBinding(tensorflow(), () => undefined, undefined, target);
    expect(await numCalls()).toBe(2);
    await linkBinding(tensorflow('2.22.0'), () => undefined, undefined, target);
    expect(await numCalls()).toBe(3);
    expect(await removeFolder(target)).toBe(true);
    await expect(readFile(join(target, 'linked.json'))).rejects.toThrow('ENOENT');
    expect(await removeFolder(target)).toBe(false);
  });

  it('says when a program is missing', async () => {
    process.env['PATH'] = join(folder, 'empty');
    await expect(linkBinding(tensorflow(), () => undefined, undefined, join(folder, 'link'))).rejects.toThrow(
      'received npm: not found',
    );
  });

  it('has npm take what the lock names, and nothing else', async () => {
    await fakePrograms(true);
    const target = join(folder, 'link');
    await linkBinding(tensorflow(), () => undefined, undefined, target);
    expect(JSON.parse(await readFile(join(target, 'package-lock.json'), 'utf8'))).toEqual(bindingLock);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(/npm ci --ignore-scripts /);
  });

  it.skipIf(process.platform !== 'linux')(
    'is stopped with all that its programs started, and goes on later; an old record never speaks of a new binding',
    async () => {
      const target = join(folder, 'link');
      await fakePrograms(true);
      await linkBinding(tensorflow(), () => undefined, undefined, target);
      await writeFile(
        join(folder, 'bin/g++'),
        `#!/bin/sh\n/bin/sleep 300 &\necho $! > '${join(folder, 'pid')}'\nwait\n`,
      );
      const controller = new AbortController();
      const linking = linkBinding(tensorflow('2.22.0'), () => undefined, controller.signal, target);
      const settled = linking.catch((error: unknown) => error);
      let pid = 0;
      while (pid === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
      }
      controller.abort();
      expect(String(await settled)).toContain('setup step "binding": expected to succeed, received a stop');
      await expect.poll(() => isAlive(pid)).toBe(false);
      expect(await linkedIn(target)).toBeNull();
      await fakePrograms(true);
      await linkBinding(tensorflow('2.22.0'), () => undefined, undefined, target);
      expect(await linkedIn(target)).toEqual(tensorflow('2.22.0'));
    },
  );
});

/** Also dead: ended, but fetched by no parent. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return !/\) [XZ]/.test(stat);
}
