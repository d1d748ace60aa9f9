/** Where this machine keeps what is set up once (data) and what may be lost (cache); one place for editor and CLI. */
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Absolute folder of installed backends: `OHEM_DATA`, else the system's place for a user's application data. */
export function dataFolder(
  env: Env = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (env['OHEM_DATA']) return env['OHEM_DATA'];
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'ohem-lens');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'ohem-lens');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'ohem-lens');
}

/** Absolute folder of verdicts about backends: `OHEM_CACHE`, else the system's place for caches. */
export function cacheFolder(
  env: Env = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (env['OHEM_CACHE']) return env['OHEM_CACHE'];
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'ohem-lens', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'ohem-lens');
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'ohem-lens');
}

/**
 * Folders in which an optional npm package may lie, best first: what a person has set up
 * (`dataFolder()/SETUP/node_modules/NAME`), then the one that is installed beside us. The first need not exist.
 */
export function packageFolders(name: string, setup: string, env: Env = process.env): string[] {
  return [join(dataFolder(env), setup, 'node_modules', name), ...installedPackage(name)];
}

/** Folder of a package that Node finds from here; [] none. */
function installedPackage(name: string): string[] {
  try {
    return [dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))];
  } catch {
    return [];
  }
}
