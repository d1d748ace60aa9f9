/**
 * Which program runs the engine process. A plain Node is better than Electron as Node (no WebGPU there, smaller
 * single allocations), so Electron is the last resort.
 */
import { execFile } from 'node:child_process';

export interface NodeRuntime {
  readonly execPath: string;
  /** Environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  /** Where it came from, for the log and the status bar. */
  readonly origin: string;
  /** Electron as Node.js: works, with limits. */
  readonly isElectron: boolean;
}

/** What the choice depends on; a parameter so that it can be tested. */
export interface RuntimeFacts {
  /** Setting `ohemLens.nodePath`; '' unset. */
  readonly nodePath: string;
  readonly execPath: string;
  /** `process.versions.electron`. */
  readonly electron: string | undefined;
  /** Where a Node.js lies that was fetched with the person's consent, if one was. */
  readonly fetched: string;
  readonly env: NodeJS.ProcessEnv;
  /** `node --version` of a program: `v20.20.2`; rejects where it does not run. */
  readonly versionOf: (program: string) => Promise<string>;
}

const LEAST_MAJOR = 20;

/**
 * The setting where there is one, else this process's own Node, else `node` on the PATH, else the one that was fetched
 * with consent, else Electron as Node.
 * @throws Error when the setting names a program that is no Node.js of at least version 20: a wish is never passed
 * over in silence.
 */
export async function chooseNodeRuntime(facts: RuntimeFacts): Promise<NodeRuntime> {
  const env = cleanEnvironment(facts.env);
  if (facts.nodePath !== '') {
    await requireNode(facts);
    return { execPath: facts.nodePath, env, origin: 'setting ohemLens.nodePath', isElectron: false };
  }
  if (facts.electron === undefined)
    return { execPath: facts.execPath, env, origin: 'the Node.js of this VS Code server', isElectron: false };
  for (const [program, where] of [
    ['node', 'on the PATH'],
    [facts.fetched, 'that was fetched'],
  ] as const) {
    const version = await facts.versionOf(program).catch(() => '');
    if (majorOf(version) >= LEAST_MAJOR)
      return { execPath: program, env, origin: `Node.js ${version} ${where}`, isElectron: false };
  }
  return {
    execPath: facts.execPath,
    env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
    origin: `Electron ${facts.electron} as Node.js`,
    isElectron: true,
  };
}

async function requireNode({ nodePath, versionOf }: RuntimeFacts): Promise<void> {
  const version = await versionOf(nodePath).catch((error: Error) => error.message.replace(/\n.*/s, ''));
  if (majorOf(version) >= LEAST_MAJOR) return;
  throw new Error(
    `options: ohemLens.nodePath: expected Node.js ${LEAST_MAJOR} or later, received ${version || 'nothing'} ` +
      `(${nodePath})`,
  );
}

/** Major version of `v20.20.2`; 0 for anything else. */
function majorOf(version: string): number {
  return Number(/^v(\d+)\.\d+\.\d+/.exec(version.trim())?.[1] ?? 0);
}

/** Variables that belong to the editor's own processes and would bend ours: debugger hooks, loaders, sockets. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$|NODE_CHANNEL_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** Asks a program for its version without blocking. */
export function nodeVersionOf(program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, ['--version'], { timeout: 5000, windowsHide: true }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout.trim());
    });
  });
}
