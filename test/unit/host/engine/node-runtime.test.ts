import { describe, expect, it } from 'vitest';
import { chooseNodeRuntime, nodeVersionOf, type RuntimeFacts } from '../../../../src/host/engine/node-runtime.js';

const facts = (changes: Partial<RuntimeFacts>): RuntimeFacts => ({
  nodePath: '',
  execPath: '/app/electron',
  electron: '37.0.0',
  fetched: '/data/node/node',
  env: { PATH: '/bin', NODE_OPTIONS: '--inspect', ELECTRON_RUN_AS_NODE: '1', VSCODE_PID: '7' },
  versionOf: async () => 'v22.1.0',
  ...changes,
});
const rejects = async () => Promise.reject(new Error('spawn ENOENT'));

describe('runtime of the engine process', () => {
  it('a plain Node runs it itself', async () => {
    expect(
      await chooseNodeRuntime(facts({ electron: undefined, execPath: '/usr/bin/node', versionOf: rejects })),
    ).toMatchObject({ execPath: '/usr/bin/node' });
  });

  it('under Electron: the node on the PATH, where it is new enough', async () => {
    expect((await chooseNodeRuntime(facts({}))).execPath).toBe('node');
  });

  it('under Electron: the one that was fetched, where there is none on the PATH; never before it', async () => {
    const versions = (found: Record<string, string>) => async (program: string) => found[program] ?? rejects();
    const fetched = await chooseNodeRuntime(
      facts({ versionOf: versions({ '/data/node/node': 'v22.9.0', node: 'v18.0.0' }) }),
    );
    expect(fetched).toEqual({
      execPath: '/data/node/node',
      env: { PATH: '/bin' },
      origin: 'Node.js v22.9.0 that was fetched',
      isElectron: false,
    });
    expect(
      (await chooseNodeRuntime(facts({ versionOf: versions({ '/data/node/node': 'v22.9.0', node: 'v20.0.0' }) })))
        .execPath,
    ).toBe('node');
    expect((await chooseNodeRuntime(facts({ versionOf: versions({ '/data/node/node': 'v16.0.0' }) }))).isElectron).toBe(
      true,
    );
  });

  it.each([['v18.20.0'], ['nonsense'], ['']])('else Electron as Node: %j', async (version) => {
    const runtime = await chooseNodeRuntime(facts({ versionOf: async () => version }));
    expect(runtime).toMatchObject({ execPath: '/app/electron', env: { ELECTRON_RUN_AS_NODE: '1' }, isElectron: true });
    expect((await chooseNodeRuntime(facts({ versionOf: rejects }))).execPath).toBe('/app/electron');
  });

  it('the setting comes first, and is never passed over in silence', async () => {
    expect((await chooseNodeRuntime(facts({ nodePath: '/my/node' }))).execPath).toBe('/my/node');
    await expect(chooseNodeRuntime(facts({ nodePath: '/my/node', versionOf: async () => 'v16.0.0' }))).rejects.toThrow(
      'expected Node.js 20 or later, received v16.0.0 (/my/node)',
    );
    await expect(chooseNodeRuntime(facts({ nodePath: '/my/node', versionOf: rejects }))).rejects.toThrow(
      'received spawn ENOENT',
    );
  });

  it('the editor’s own variables stay behind', async () => {
    expect((await chooseNodeRuntime(facts({}))).env).toEqual({ PATH: '/bin' });
  });

  it('asks a program for its version', async () => {
    expect(await nodeVersionOf(process.execPath)).toBe(process.version);
    await expect(nodeVersionOf('/no/such/program')).rejects.toThrow();
  });
});
